// The counter: a keypad for the amount, and a screen that rings and speaks when money has come.
const keys = document.querySelector("[data-keys]");
const sound = document.querySelector("[data-sound]");
if (keys) keypad(keys);
if (sound) screen(sound);

function keypad(place) {
  const field = place.closest("form").elements.amount;
  const put = (digits) => {
    field.value = digits.replace(/^0+/, "").slice(0, 9).replace(/\B(?=(\d{3})+$)/g, ".");
  };
  place.hidden = false;
  if (matchMedia("(pointer: coarse)").matches) field.inputMode = "none"; // ours is the keypad
  place.addEventListener("click", (event) => {
    const key = event.target.closest("[data-key]")?.dataset.key;
    const digits = field.value.replace(/\D/g, "");
    if (key) put(key === "back" ? digits.slice(0, -1) : digits + key);
  });
  field.addEventListener("input", () => {
    if (/^[\d.]*$/.test(field.value)) put(field.value.replace(/\D/g, ""));
  });
}

function screen(button) {
  const audio = new AudioContext();
  const ring = fetch(button.dataset.sound)
    .then((answer) => answer.arrayBuffer())
    .then((data) => audio.decodeAudioData(data));
  ring.catch(() => {});
  const show = () => { button.hidden = audio.state === "running"; };
  const unlock = () => audio.resume().then(show, show);
  show();
  audio.addEventListener("statechange", show);
  document.addEventListener("pointerdown", unlock, { once: true });
  button.addEventListener("click", () => { unlock().then(() => play(audio, ring)); });
  document.addEventListener("standing", (event) => {
    if (!event.detail.paid) return;
    play(audio, ring);
    setTimeout(() => speak(event.detail.say), 900);
  });
  globalThis.speechSynthesis?.getVoices(); // some browsers only begin to load them when asked
  fullScreen(document.querySelector("[data-full-screen]"));
  stayAwake();
}

async function play(audio, ring) {
  try {
    const source = audio.createBufferSource();
    source.buffer = await ring;
    source.connect(audio.destination);
    source.start();
  } catch {
    // the words are on the screen
  }
}

function speak(words) {
  const voices = globalThis.speechSynthesis?.getVoices() ?? [];
  const voice = voices.find((each) => each.lang.toLowerCase().startsWith("vi"));
  if (!voice) return; // another tongue's voice would not be understood
  const said = new SpeechSynthesisUtterance(words);
  said.voice = voice;
  said.lang = "vi-VN";
  speechSynthesis.speak(said);
}

function fullScreen(button) {
  if (!button || !document.fullscreenEnabled) return;
  button.hidden = false;
  button.addEventListener("click", () => document.documentElement.requestFullscreen().catch(() => {}));
  document.addEventListener("fullscreenchange", () => { button.hidden = Boolean(document.fullscreenElement); });
}

function stayAwake() {
  const hold = () => { if (!document.hidden) navigator.wakeLock?.request("screen").catch(() => {}); };
  hold();
  document.addEventListener("visibilitychange", hold);
}
