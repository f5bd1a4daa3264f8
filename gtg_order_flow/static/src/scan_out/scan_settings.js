import { browser } from "@web/core/browser/browser";

const SETTINGS = "gtg_scan_out_settings";

/** What this browser's station does with every parcel. */
export function readSettings() {
    const usual = { weigh: false, print: true };
    try {
        return { ...usual, ...JSON.parse(browser.localStorage.getItem(SETTINGS)) };
    } catch {
        return usual;
    }
}

export function keepSettings(settings) {
    browser.localStorage.setItem(SETTINGS, JSON.stringify(settings));
}
