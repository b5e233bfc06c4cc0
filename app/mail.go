package app

import (
	"context"
	"errors"
	"fmt"
	"net/mail"
	"os"
	"path/filepath"
	"strings"
	"time"

	"vouchsafe/access"
	"vouchsafe/core"
)

// invitations delivers invitations as messages in the folder from which the
// machine's mailer sends; nil where none is configured. The message has no
// link with the secret in it: addresses end up in logs.
func (c Config) invitations(wall core.Clock) func(ctx context.Context, email, token string) error {
	if c.MailOutbox == "" {
		return nil
	}
	return func(_ context.Context, email, token string) error {
		return c.post(wall, access.Letter{Email: email, Subject: "Set your password", Text: strings.Join([]string{
			"You are invited to set a password. Open", "", "  " + c.origins()[0] + "/invitation", "",
			"and give this invitation, which is good once and for one day:", "", "  " + token, "",
			"If you did not expect it, tell your administrator.",
		}, "\r\n")})
	}
}

// notices delivers what people are told about their accounts; nil where no mail
// is configured.
func (c Config) notices(wall core.Clock) func(ctx context.Context, l access.Letter) error {
	if c.MailOutbox == "" {
		return nil
	}
	return func(_ context.Context, l access.Letter) error {
		l.Text = strings.Join([]string{
			l.Text, "", "Who did it, and when, stands at your account:", "", "  " + c.origins()[0] + "/account", "",
			"If you did not expect it, tell your administrator at once.",
		}, "\r\n")
		return c.post(wall, l)
	}
}

func (c Config) post(wall core.Clock, l access.Letter) error {
	to, err := mail.ParseAddress(l.Email)
	if err != nil {
		return errors.New("the address of this person cannot be written to")
	}
	from := mail.Address{Name: "Vouchsafe", Address: "no-reply@" + c.Host}
	text := strings.Join([]string{
		"From: " + from.String(), "To: " + to.String(), "Subject: " + l.Subject,
		"Date: " + wall.Now().Time().Format(time.RFC1123Z), "MIME-Version: 1.0", "Content-Type: text/plain; charset=utf-8", "",
		l.Text, "",
	}, "\r\n")
	return dropMail(c.inData(c.MailOutbox), text)
}

// dropMail writes one message whole: a mailer that looks for .eml files never
// sees half of one.
func dropMail(dir, text string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	f, err := os.CreateTemp(dir, "*.tmp")
	if err != nil {
		return err
	}
	_, err = f.WriteString(text)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("the message cannot be written: %w", err)
	}
	return os.Rename(f.Name(), strings.TrimSuffix(f.Name(), ".tmp")+".eml")
}

// unsent counts the messages that the mailer left lying since before an instant.
func (c Config) unsent(before time.Time) (n int, err error) {
	if c.MailOutbox == "" {
		return 0, nil
	}
	found, err := filepath.Glob(filepath.Join(c.inData(c.MailOutbox), "*.eml"))
	for _, name := range found {
		if info, err := os.Stat(name); err == nil && info.ModTime().Before(before) {
			n++
		}
	}
	return n, err
}
