package payments

import (
	"vouchsafe/command"
	"vouchsafe/core"
)

// Field is a value that not everybody may see. Masked says that there is one
// which the reader may not.
type Field struct {
	Value  string `json:"value,omitempty"`
	Masked bool   `json:"masked,omitempty"`
}

// Button says whether an act is offered to this reader, and why not.
type Button struct {
	Offered bool     `json:"offered"` // the record is in a state for it
	Allowed bool     `json:"allowed"` // the reader may do it now
	Why     []string `json:"why,omitempty"`
	StepUp  bool     `json:"step_up,omitempty"` // it asks for a second factor first
}

// field shows a value of a client to those who may see it. owner is whose
// value it is, so that the read event names them.
func field(see *command.Sight, c core.Class, owner command.Resource, name, value string) Field {
	text, masked := see.Show(c, owner, name, value)
	return Field{text, masked}
}

// owned is a movement's resource under its client's name.
func owned(res command.Resource, client core.Ref) command.Resource {
	if client != "" {
		res.Ref = client
	}
	return res
}
