package provider_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/acctest"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/provider"
)

// checkout is a clone of a repository whose main has the script that checks tags.
type checkout struct {
	t      *testing.T
	folder string
	keys   string // has the maintainer's key and a stranger's
}

// run runs a program in the clone without the configuration of this machine.
func (c *checkout) run(name string, args ...string) (string, error) {
	cmd := exec.CommandContext(c.t.Context(), acctest.NeedProgram(c.t, name), args...)
	cmd.Dir = c.folder
	cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL="+os.DevNull, "GIT_CONFIG_SYSTEM="+os.DevNull, "GNUPGHOME="+c.keys,
		"GIT_AUTHOR_NAME=m", "GIT_AUTHOR_EMAIL=m@example.com", "GIT_COMMITTER_NAME=m", "GIT_COMMITTER_EMAIL=m@example.com")
	output, err := cmd.CombinedOutput()
	return string(output), err
}

// git runs git commands, each in one string.
func (c *checkout) git(commands ...string) {
	c.t.Helper()
	for _, command := range commands {
		if output, err := c.run("git", strings.Fields(command)...); err != nil {
			c.t.Fatalf("git %s: %v\n%s", command, err, output)
		}
	}
}

// sign creates a tag that the owner of a key signs.
func (c *checkout) sign(owner, tag string) {
	c.t.Helper()
	c.git("-c gpg.format=ssh -c user.signingkey=" + filepath.Join(c.keys, owner) + " tag -s -m " + tag + " " + tag)
}

func (c *checkout) write(name, content string) {
	c.t.Helper()
	path := provider.WriteFile(c.t, filepath.Join(c.folder, filepath.Dir(name)), filepath.Base(name), content)
	if err := os.Chmod(path, 0o700); err != nil {
		c.t.Fatal(err)
	}
}

// newCheckout returns the clone of a repository with two commits.
func newCheckout(t *testing.T) *checkout {
	t.Helper()
	c := &checkout{t: t, folder: filepath.Join(t.TempDir(), "clone"), keys: t.TempDir()}
	if err := os.Mkdir(c.folder, 0o700); err != nil {
		t.Fatal(err)
	}
	for _, owner := range []string{"maintainer", "stranger"} {
		if output, err := c.run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", filepath.Join(c.keys, owner)); err != nil {
			t.Fatalf("%v: %s", err, output)
		}
	}
	c.write("scripts/check-tag", acctest.Read(t, root, "scripts/check-tag"))
	c.write(".github/allowed_signers", acctest.Read(t, root, ".github/allowed_signers")+
		`m@example.com namespaces="git" `+acctest.Read(t, c.keys, "maintainer.pub"))
	c.git("init -q -b main --template=", "add .", "commit -q -m first", "commit -q --allow-empty -m second",
		"init -q --bare --template= ../origin.git", "remote add origin ../origin.git", "push -q origin main")
	return c
}

// copy returns a copy of the clone and its remote repository.
func (c *checkout) copy(t *testing.T) *checkout {
	t.Helper()
	folder := t.TempDir()
	if err := os.CopyFS(folder, os.DirFS(filepath.Dir(c.folder))); err != nil {
		t.Fatal(err)
	}
	return &checkout{t: t, folder: filepath.Join(folder, "clone"), keys: c.keys}
}

// Only a tag that a maintainer signed on main, under the name that it still has, can be released.
func TestCheckTag(t *testing.T) {
	t.Parallel()
	base := newCheckout(t)
	// The form is checked first, also before a release is published.
	base.write("scripts/release", acctest.Read(t, root, "scripts/release"))
	for _, tag := range []string{"", "main", "1.2.3", "v1.2", "v1.02.3", "v1.2.3+x", "v1.2.3-", "v1.2.3;id", "v1.2.3\nv1", "--help"} {
		output, err := base.run("env", "GITHUB_REF_NAME="+tag, "bash", "scripts/release", "--publish")
		if err == nil || !strings.Contains(output, "must have the form") {
			t.Errorf("%q: %v\n%s", tag, err, output)
		}
	}
	for name, test := range map[string]struct {
		make func(*checkout)
		want string // empty for a tag that is accepted
	}{
		"signed, main moved on, and the tag is replaced by its commit here": {make: func(c *checkout) {
			c.sign("maintainer", "v1.2.3")
			c.git("push -q origin v1.2.3", "tag -f v1.2.3 HEAD")
			c.git("commit -q --allow-empty -m third", "push -q origin main", "checkout -q v1.2.3")
		}},
		"not signed":           {make: func(c *checkout) { c.git("tag -a -m x v1.2.3") }, want: "isn't signed with an SSH key"},
		"not annotated":        {make: func(c *checkout) { c.git("tag v1.2.3") }, want: "isn't an annotated tag"},
		"signed by a stranger": {make: func(c *checkout) { c.sign("stranger", "v1.2.3") }, want: "isn't signed with an SSH key"},
		"on another commit":    {make: func(c *checkout) { c.sign("maintainer", "v1.2.3"); c.git("push -q origin v1.2.3", "checkout -q HEAD~") }, want: "another commit"},
		"on a branch":          {make: func(c *checkout) { c.git("commit -q --allow-empty -m third"); c.sign("maintainer", "v1.2.3") }, want: "isn't on main"},
		"an old one, under a new name": {make: func(c *checkout) {
			c.sign("maintainer", "v1.0.0")
			c.git("update-ref refs/tags/v1.2.3 refs/tags/v1.0.0")
		}, want: `was signed as "v1.0.0"`},
		"with a key that main has no more": {make: func(c *checkout) {
			c.sign("maintainer", "v1.2.3")
			c.write(".github/allowed_signers", acctest.Read(c.t, root, ".github/allowed_signers"))
			c.git("commit -q -a -m third", "push -q origin main", "checkout -q v1.2.3")
		}, want: "isn't signed with an SSH key"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := base.copy(t)
			test.make(c)
			const tag = "v1.2.3"
			_, _ = c.run("git", "push", "-q", "origin", "refs/tags/"+tag) // there can be none, or another one
			output, err := c.run("bash", "scripts/check-tag", tag)
			if accepted := err == nil; accepted != (test.want == "") || !strings.Contains(output, test.want) {
				t.Errorf("%v, want %q:\n%s", err, test.want, output)
			}
		})
	}
}

// The notes of a release are the section of its version, and a version without one has no
// release.
func TestReleaseNotes(t *testing.T) {
	t.Parallel()
	notes := func(version string) (string, error) {
		output, err := exec.CommandContext(t.Context(), acctest.NeedProgram(t, "bash"), root+"scripts/release-notes", version).CombinedOutput()
		return string(output), err
	}
	for section := range strings.SplitSeq(acctest.Read(t, root, "CHANGELOG.md"), "\n## [") {
		heading, want, _ := strings.Cut(section, "\n")
		version, _, isVersion := strings.Cut(heading, "]")
		if !isVersion || strings.TrimSpace(want) == "" { // the first section can be empty after a release
			continue
		}
		if got, err := notes(version); err != nil || !slices.Equal(strings.Fields(got), strings.Fields(want)) {
			t.Errorf("%v: the notes of %s are %s", err, version, got)
		}
		break
	}
	if got, err := notes("99.0.0"); err == nil || !strings.Contains(got, `nothing under "## [99.0.0]"`) {
		t.Errorf("an unknown version has the notes %s", got)
	}
}
