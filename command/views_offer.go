package command

import (
	"context"

	"vouchsafe/core"
	"vouchsafe/evidence"
	"vouchsafe/store"
)

// Offer is an act on a kind of records that a page would lead to.
type Offer struct {
	Action Action
	Kind   core.Kind
}

// Offered says of each offer whether policy would allow it to the actor on any
// record at all: for menus that hide what is of no use. It is no permission
// and leaves no evidence; the road decides when the act comes.
func (rd *Road) Offered(ctx context.Context, a evidence.Actor, offers []Offer) ([]bool, error) {
	out := make([]bool, len(offers))
	err := rd.Store.Snapshot(ctx, func(r store.Reader) error {
		for i, o := range offers {
			if o.Action == "" {
				continue
			}
			_, ruling, err := rd.Policy.Filter(ctx, r, a, o.Action, o.Kind, rd.Clock.Now())
			out[i] = err == nil && ruling.Allow
		}
		return nil
	})
	return out, err
}

// OfferedAbout is Offered for a list about one record: it also says no where
// the list would meet the wall of that record's entity, and to ask for it would
// be a denial there.
func (rd *Road) OfferedAbout(ctx context.Context, a evidence.Actor, list Offer, about core.Ref) (bool, error) {
	may, err := rd.Offered(ctx, a, []Offer{list})
	if err != nil || !may[0] || about == "" {
		return err == nil && may[0], err
	}
	var wall *Ruling
	err = rd.Store.Snapshot(ctx, func(r store.Reader) (err error) {
		wall, err = rd.wall(ctx, r, a, list, about, rd.Clock.Now())
		return err
	})
	return err == nil && wall == nil, err
}

// Permits says whether policy would allow an act on one record, for pages that
// choose between two ways to ask. Like Offered it permits nothing by itself.
func (rd *Road) Permits(ctx context.Context, a evidence.Actor, act Action, res Resource) (bool, error) {
	allow := false
	err := rd.Store.Snapshot(ctx, func(r store.Reader) error {
		ruling, err := rd.Policy.Authorize(ctx, r, a, act, res, rd.Clock.Now())
		allow = err == nil && ruling.Allow
		return nil
	})
	return allow, err
}

// Filter is the condition over the columns of a kind's table under which the
// reader may do another act than the one asked for; store.False when never.
func (s *Sight) Filter(a Action, k core.Kind) store.Where {
	where, ruling, err := s.policy.Filter(s.ctx, s.r, s.Actor, a, k, s.Now)
	if err != nil || !ruling.Allow {
		return store.False
	}
	return where
}
