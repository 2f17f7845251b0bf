// The sound of a notification: two short tones, without a file.

const TONES = [660, 880]; // hertz
const LENGTH = 0.14; // seconds of each
const VOLUME = 0.12;

export function play() {
  const audio = new AudioContext();
  TONES.forEach((frequency, place) => {
    const start = audio.currentTime + place * LENGTH;
    const tone = new OscillatorNode(audio, { frequency });
    const volume = new GainNode(audio, { gain: 0 });
    volume.gain.setValueAtTime(VOLUME, start);
    volume.gain.exponentialRampToValueAtTime(0.001, start + LENGTH);
    tone.connect(volume).connect(audio.destination);
    tone.start(start);
    tone.stop(start + LENGTH);
  });
  setTimeout(() => audio.close(), TONES.length * LENGTH * 1_000 + 200); // also if the browser did not allow it
}
