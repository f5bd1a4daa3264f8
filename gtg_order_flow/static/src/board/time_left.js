import { Component, reactive, useState } from "@odoo/owl";
import { browser } from "@web/core/browser/browser";
import { formatDateTime } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

const MINUTE = 60 * 1000;
const DAY = 24 * 60 * MINUTE;
const SOON = 3 * 60 * MINUTE;

// one clock for all cards: it ticks as soon as the first one looks at it
const clock = reactive({ now: 0 });

function tick() {
    clock.now = luxon.DateTime.now().toMillis();
}

function startClock() {
    if (!clock.now) {
        browser.setInterval(tick, MINUTE / 2);
        // a page in the background gets no ticks
        document.addEventListener("visibilitychange", tick);
    }
    tick();
}

/** @returns {string} "2 h 15 min", from a day on "3 days" */
export function spanText(span) {
    const minutes = Math.floor(span / MINUTE);
    if (span >= DAY) {
        const days = Math.floor(span / DAY);
        return days === 1 ? _t("1 day") : _t("%s days", days);
    }
    return minutes < 60
        ? _t("%s min", minutes)
        : _t("%(hours)s h %(minutes)s min", {
              hours: Math.floor(minutes / 60),
              minutes: minutes % 60,
          });
}

/** How much time is left until a moment, or since when it is over. */
export class TimeLeft extends Component {
    static template = "gtg_order_flow.TimeLeft";
    static props = { ...standardFieldProps };

    setup() {
        startClock();
        this.clock = useState(clock);
    }

    get value() {
        return this.props.record.data[this.props.name];
    }

    get left() {
        return this.value.toMillis() - this.clock.now;
    }

    get text() {
        const span = spanText(Math.abs(this.left));
        return this.left < 0 ? _t("%s late", span) : _t("%s left", span);
    }

    get color() {
        if (this.left < 0) {
            return "text-danger fw-bold";
        }
        return this.left < SOON ? "text-warning fw-bold" : "";
    }

    get title() {
        return formatDateTime(this.value);
    }
}

registry.category("fields").add("gtg_time_left", {
    component: TimeLeft,
    displayName: _t("Time left"),
    supportedTypes: ["datetime"],
});
