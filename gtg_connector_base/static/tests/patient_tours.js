import { registry } from "@web/core/registry";

// A step that comes late on a busy machine has not failed: it has a minute, not ten
// seconds. Odoo knows this property of a running tour, its registry's schema does not.
const tours = registry.category("web_tour.tours");
const bePatient = (tour) => Object.assign(tour, { timeout: 60000 });
tours.getAll().forEach(bePatient);
tours.addEventListener("UPDATE", ({ detail }) => {
    if (detail.operation === "add") {
        bePatient(detail.value);
    }
});
