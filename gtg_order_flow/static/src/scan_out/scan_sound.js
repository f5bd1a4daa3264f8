import { browser } from "@web/core/browser/browser";

let context;

function tone(frequency, start, seconds, type = "sine") {
    const oscillator = context.createOscillator();
    const gain = context.createGain();
    oscillator.type = type;
    oscillator.frequency.value = frequency;
    gain.gain.value = 0.3;
    oscillator.connect(gain).connect(context.destination);
    oscillator.start(context.currentTime + start);
    oscillator.stop(context.currentTime + start + seconds);
}

const SOUNDS = {
    item: () => tone(1320, 0, 0.08),
    opened: () => tone(880, 0, 0.12),
    shipped: () => [660, 880, 1320].forEach((f, i) => tone(f, i * 0.12, 0.12)),
    refused: () => [0, 0.25, 0.5].forEach((start) => tone(170, start, 0.2, "square")),
};

/** A warehouse hears better than it looks. A browser without sound still works. */
export function playSound(name) {
    try {
        context = context || new browser.AudioContext();
        context.resume();
        SOUNDS[name]();
    } catch {
        // no sound device
    }
}
