package export

import (
	"bytes"
	"encoding/json"
)

// object is a JSON object whose empty members are left out.
type object map[string]any

// put adds a member unless it is empty.
func (o object) put(name string, value any) object {
	switch v := value.(type) {
	case string:
		if v == "" {
			return o
		}
	case []string:
		if len(v) == 0 {
			return o
		}
	case object:
		if len(v) == 0 {
			return o
		}
	case []Change:
		if len(v) == 0 {
			return o
		}
	}
	o[name] = value
	return o
}

func marshal(v any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	err := enc.Encode(v)
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), err
}

func (e Entry) jsonl() ([]byte, error) {
	o := object{"log": e.Log, "leaf": json.RawMessage(e.Leaf)}
	if e.Index >= 0 {
		o["index"] = e.Index
	}
	return marshal(o.put("changes", e.Changes))
}

// ours are the facts that neither OCSF nor ECS has a place for.
func (e Entry) ours() object {
	l := &e.leaf
	o := object{}.put("log", e.Log).put("case_uid", l.Case).put("external_refs", l.External).put("subject_tags", l.Tags).
		put("changes", e.Changes).put("changes_sha256", l.Changes.SHA256).put("policy_set_sha256", l.Policy.Set).put("on_behalf_of", l.Actor.For)
	o["changes_count"] = l.Changes.Count
	if e.Index >= 0 {
		o["index"] = e.Index
	}
	if a := l.Approval; a != nil {
		o["approval"] = object{}.put("request_uid", a.Proposal).put("rule", a.Rule).put("maker", a.Maker).put("approvers", a.Approvers)
	}
	return o
}

// The statuses of OCSF.
func (e Entry) ocsfStatus() (id int, name string) {
	switch {
	case e.leaf.Status == "unsure":
		return 0, "Unknown"
	case e.Good():
		return 1, "Success"
	}
	return 2, "Failure"
}

// ocsfActivities are the activities of OCSF's classes, by the verb of ours;
// 99 is Other.
var ocsfActivities = map[int]map[string]int{
	3002: {"started": 1, "ended": 2, "failed": 1},
	3004: {"created": 1, "added": 1, "opened": 1, "changed": 3, "updated": 3, "removed": 4},
	3005: {"granted": 1, "revoked": 2},
	6003: {"created": 1, "changed": 3, "revived": 3},
	6005: {"read": 1, "viewed": 1, "searched": 6, "exported": 7},
}

func (e Entry) ocsf() ([]byte, error) {
	l := &e.leaf
	status, name := e.ocsfStatus()
	activity, ok := ocsfActivities[l.Class][e.verb()]
	if !ok {
		activity = 99
	}
	severity := 1
	if status == 2 {
		severity = 2
	}
	meta := object{"version": "1.8.0", "product": object{"name": "Vouchsafe", "vendor_name": "Vouchsafe"}, "uid": l.ID, "log_name": e.Log, "event_code": l.Type}
	meta.put("correlation_uid", l.Metadata.Correlation).put("tenant_uid", l.Metadata.Tenant)
	if e.Index >= 0 {
		meta["sequence"] = e.Index
	}
	actor := object{"user": object{"uid": e.actor(), "type": l.Actor.Kind}}
	if l.Actor.Session != "" {
		actor["session"] = object{"uid": l.Actor.Session}
	}
	var rules []object
	for _, id := range l.Policy.Determining {
		rules = append(rules, object{"decision": l.Policy.Effect, "policy": object{"uid": id}})
	}
	if rules != nil {
		actor["authorizations"] = rules
	}
	return marshal(object{
		"activity_id": activity, "activity_name": l.Metadata.Action, "category_uid": l.Class / 1000, "class_uid": l.Class, "type_uid": l.Class*100 + activity,
		"severity_id": severity, "status_id": status, "status": name, "status_code": l.Status, "time": int64(e.At()) / 1000, "message": e.meaning(),
		"metadata": meta, "actor": actor, "api": object{"operation": l.Metadata.Action}, "unmapped": e.ours(),
	}.put("status_detail", l.Reason.Code))
}

// ecsCategories are ECS's categories and types, by the class of ours.
var ecsCategories = map[int][2]string{
	3002: {"authentication", "info"}, 3003: {"iam", "info"}, 3004: {"configuration", "change"}, 3005: {"iam", "change"},
	6003: {"process", "info"}, 6005: {"database", "access"},
}

func (e Entry) ecs() ([]byte, error) {
	l := &e.leaf
	outcome := "failure"
	switch {
	case l.Status == "unsure":
		outcome = "unknown"
	case e.Good():
		outcome = "success"
	}
	ev := object{"id": l.ID, "action": l.Type, "outcome": outcome, "kind": "event", "module": "vouchsafe", "dataset": "vouchsafe." + e.Log}
	if c, ok := ecsCategories[l.Class]; ok {
		ev["category"], ev["type"] = []string{c[0]}, []string{c[1]}
	}
	if e.Index >= 0 {
		ev["sequence"] = e.Index
	}
	ev.put("code", l.Metadata.Action).put("reason", l.Reason.Code).put("created", l.Metadata.Logged)
	related := []string{}
	if l.Actor.UID != "" {
		related = append(related, l.Actor.UID)
	}
	if a := l.Approval; a != nil {
		related = append(append(related, a.Maker), a.Approvers...)
	}
	o := object{
		"@timestamp": l.Time, "ecs": object{"version": "8.17.0"}, "event": ev, "message": e.meaning(),
		"user": object{"id": e.actor()}.put("roles", l.Actor.Roles), "vouchsafe": e.ours(),
	}
	o.put("organization", object{}.put("id", l.Metadata.Tenant)).put("trace", object{}.put("id", l.Metadata.Correlation)).
		put("related", object{}.put("user", related))
	if len(l.Policy.Determining) > 0 {
		o["rule"] = object{"id": l.Policy.Determining[0]}
	}
	return marshal(o)
}
