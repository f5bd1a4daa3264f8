import { registry } from "@web/core/registry";
import { patch } from "@web/core/utils/patch";
import { debounce } from "@web/core/utils/timing";
import { FormController } from "@web/views/form/form_controller";
import { useBus } from "@web/core/utils/hooks";
import { EventBus, onWillUnmount } from "@odoo/owl";

/**
 * When an exchange task ends, the open form of its subject reloads by itself, unless
 * somebody is editing it.
 */
const ended = new EventBus();

registry.category("services").add("gtg_connector", {
    dependencies: ["bus_service"],
    start(env, { bus_service: bus }) {
        bus.subscribe("gtg.connector/ended", (payload) => ended.trigger("ended", payload));
        bus.start();
    },
});

patch(FormController.prototype, {
    setup() {
        super.setup(...arguments);
        // a batch ends many tasks within a second: one reload shows them all
        const reload = debounce(async (record) => {
            if (record === this.model.root && !(await record.isDirty())) {
                await record.load();
            }
        }, 400);
        onWillUnmount(() => reload.cancel());
        useBus(ended, "ended", ({ detail }) => {
            const record = this.model.root;
            // an order shows what happens to its parcels and invoices too: whatever form
            // shows fields of ours is concerned
            const ours = Object.keys(record?.activeFields || {}).some((name) =>
                name.startsWith("gtg_")
            );
            const named = detail.records.some(([model]) => model === record?.resModel);
            if ((ours || named) && record.resId) {
                reload(record);
            }
        });
    },
});
