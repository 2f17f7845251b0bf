# The image of the services web, worker, migrate and secrets. Processes run as an unprivileged user without capabilities and
# write only to /tmp.

FROM python:3.13-slim AS build
WORKDIR /obrolan
ENV PATH=/venv/bin:$PATH PYTHONDONTWRITEBYTECODE=1
RUN python -m venv /venv
COPY requirements.txt ./
RUN pip install --no-cache-dir --no-compile --disable-pip-version-check -r requirements.txt \
    && pip uninstall --yes --quiet pip
COPY manage.py CHANGELOG.md ./
COPY chatproject chatproject
COPY chat chat
COPY templates templates
COPY deploy deploy
RUN OBROLAN_DATA=/tmp/build STATIC_ROOT=/obrolan/static python manage.py collectstatic --noinput -v0 \
    && PYTHONDONTWRITEBYTECODE= python -m compileall -q -j0 /venv/lib /obrolan

FROM python:3.13-slim
RUN groupadd --gid 10001 obrolan \
    && useradd --uid 10001 --gid obrolan --no-create-home --home-dir /tmp --shell /usr/sbin/nologin obrolan \
    && install -d -o obrolan -g obrolan -m 0755 /secrets /handed/web /handed/db /handed/redis
COPY --from=build /venv /venv
COPY --from=build /obrolan /obrolan
WORKDIR /obrolan
USER obrolan
ENV PATH=/venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    OBROLAN_DATA=/tmp/obrolan \
    STATIC_ROOT=/obrolan/static
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 CMD ["deploy/alive"]
CMD ["python", "manage.py", "serve", "--host", "0.0.0.0", "--port", "8000"]
