import { browser } from "@web/core/browser/browser";
import { RPCError } from "@web/core/network/rpc";

// between the calls that got no answer, in milliseconds
const PAUSES = [500, 2000];
// a label that takes longer does not come: a packer waits for it
const SECONDS = 10;
// frames whose print may still be on its way to the printer
const KEPT = 5;

/** Do what may be done twice, again while the connection is lost (not: silent). */
export async function repeat(job) {
    for (const pause of PAUSES) {
        try {
            return await job();
        } catch (error) {
            if (error instanceof RPCError || error.name === "TimeoutError") {
                throw error;
            }
            await new Promise((resolve) => browser.setTimeout(resolve, pause));
        }
    }
    return job();
}

/** @returns {Promise<Blob>} the whole PDF, not just its first bytes */
export async function fetchPdf(url, seconds) {
    const answer = await browser.fetch(url, { signal: AbortSignal.timeout(1000 * seconds) });
    const blob = answer.ok && (await answer.blob());
    if (!blob || !blob.type.startsWith("application/pdf")) {
        throw new Error(answer.statusText);
    }
    return blob;
}

export function fetchLabel(url) {
    return repeat(() => fetchPdf(url, SECONDS));
}

const FRAMES = "iframe.o_gtg_scan_print"; // oldest first

/** Hand a PDF to the browser's printer. */
export function printLabel(content) {
    for (const old of [...document.querySelectorAll(FRAMES)].slice(0, 1 - KEPT)) {
        URL.revokeObjectURL(old.src);
        old.remove();
    }
    const frame = document.createElement("iframe");
    frame.className = "o_gtg_scan_print d-none";
    frame.src = URL.createObjectURL(content);
    frame.onload = () => frame.contentWindow.print();
    document.body.append(frame);
}
