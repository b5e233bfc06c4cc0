package rates

import "vouchsafe/evidence"

// The events of exchange rates.
var (
	EventRecorded = evidence.Register("rates.sheet.recorded", evidence.EntityManagement, "A day's exchange rates were recorded; approval thresholds are measured by them from then on.")
	EventHeld     = evidence.Register("rates.sheet.held", evidence.EntityManagement, "The source's exchange rates moved too far in a day; they count for nothing until a person confirms them.")
)
