package mt5test_test

import (
	"testing"
	"time"

	"vouchsafe/adapters/mt5"
	"vouchsafe/adapters/mt5/mt5sim"
	"vouchsafe/adapters/mt5/mt5test"
)

const patience = 400 * time.Millisecond

func TestContractOverTLS(t *testing.T) {
	mt5test.Exercise(t, func(t *testing.T) mt5test.Rig { return build(t, mt5sim.Options{Seed: 1}) })
}

func TestContractOverPlainHTTP(t *testing.T) {
	mt5test.Exercise(t, func(t *testing.T) mt5test.Rig { return build(t, mt5sim.Options{Seed: 1, PlainHTTP: true}) })
}

func build(t *testing.T, opt mt5sim.Options) mt5test.Rig {
	t.Helper()
	sim := mt5sim.New(opt)
	t.Cleanup(sim.Close)
	mt5test.Fill(t, sim)
	base, err := sim.Start("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	client, err := mt5.New(mt5.Config{
		Name: "mt5-test", BaseURL: base, RootPEM: sim.PEM(),
		Login: mt5sim.DemoLogin, Password: mt5sim.DemoPassword, Timeout: patience,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	return mt5test.Rig{Platform: client, Sim: sim, Patience: patience}
}
