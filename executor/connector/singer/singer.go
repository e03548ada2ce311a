// Package singer is the source that runs a Singer tap: a process that writes
// SCHEMA, RECORD and STATE messages, one JSON object a line, to its standard
// output. A tap's STATE speaks for all its streams, so it is the bookmark.
package singer

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/headgate-data/headgate/compiler/program"
	"github.com/headgate-data/headgate/executor/connector"
	"github.com/headgate-data/headgate/lang/diag"
)

// DefaultMaxLineBytes is how long a line may be unless the source says otherwise.
const DefaultMaxLineBytes = 64 << 20

// The words of program.SingerSource.
const (
	asFile         = "file"
	asInline       = "inline"
	asNone         = "none"
	fromMessages   = "messages"
	fromDiscovery  = "discovery"
	fromContract   = "contract"
	defaultRows    = 20_000
	defaultBytes   = 4 << 20
	maxStderrBytes = 64 << 10 // of one line, the rest is cut
)

// Spec is what a Singer source is made from.
type Spec struct {
	Address     string
	Source      *program.SingerSource
	Root        string            // the project's folder, absolute
	WorkDir     string            // the processes' working directory; it exists
	Environment map[string]string // for the processes, beside this process's own
	Resolve     program.Resolver
	Log         *slog.Logger // nil: nothing is logged
}

// Source runs a tap. It satisfies connector.Source and connector.Finisher.
type Source struct {
	spec    Spec
	secrets *secrets
	finish  atomic.Bool
}

var (
	_ connector.Source   = (*Source)(nil)
	_ connector.Finisher = (*Source)(nil)
)

// New makes the source. It starts no process and resolves no secret.
func New(spec Spec) (connector.Source, error) {
	cfg := *spec.Source
	cfg.Catalog = cmp.Or(cfg.Catalog, asFile)
	cfg.State = cmp.Or(cfg.State, asFile)
	cfg.Schema = cmp.Or(cfg.Schema, fromMessages)
	if cfg.MaxLineBytes <= 0 {
		cfg.MaxLineBytes = DefaultMaxLineBytes
	}
	spec.Source = &cfg
	if spec.Log == nil {
		spec.Log = slog.New(slog.DiscardHandler)
	}
	s := &Source{spec: spec, secrets: newSecrets(spec.Resolve)}
	if len(cfg.Command) == 0 {
		return nil, s.fault(diag.TapStart, "the source has no command")
	}
	return s, nil
}

// Finish makes Read stop behind the next STATE. A tap that sends none is read to
// its end. It may be called from any goroutine.
func (s *Source) Finish() { s.finish.Store(true) }

// Close does nothing: Read and Discover leave no process and no file behind.
func (s *Source) Close() error { return nil }

// fault makes an error diagnostic under the source's address, secrets struck out.
func (s *Source) fault(code diag.Code, format string, args ...any) *diag.Diagnostic {
	d := diag.Sourcef(code, format, args...).For(s.spec.Address)
	d.Detail = s.secrets.strike(d.Detail)
	return d
}

// warn is fault for a warning.
func (s *Source) warn(code diag.Code, format string, args ...any) *diag.Diagnostic {
	d := s.fault(code, format, args...)
	d.Severity = diag.Warning
	return d
}

// command resolves the tap's command. Arguments that name a file of the project
// become absolute, because the process runs in a folder of its own.
func (s *Source) command() ([]string, error) {
	args := make([]string, len(s.spec.Source.Command))
	for i, text := range s.spec.Source.Command {
		arg, err := text.Resolve(s.secrets.resolve)
		if err != nil {
			return nil, s.fault(diag.TapConfig, "the command: %s", err)
		}
		args[i] = s.locate(arg, i == 0)
	}
	return args, nil
}

func (s *Source) locate(arg string, program bool) string {
	if arg == "" || filepath.IsAbs(arg) || program && !strings.Contains(arg, "/") {
		return arg
	}
	path := filepath.Join(s.spec.Root, filepath.FromSlash(arg))
	if st, err := os.Stat(path); program || err == nil && st.Mode().IsRegular() {
		return path
	}
	return arg
}

// checkFiles refuses to run another program than the one that was planned.
func (s *Source) checkFiles() error {
	for _, f := range s.spec.Source.CommandFiles {
		text, err := os.ReadFile(filepath.Join(s.spec.Root, filepath.FromSlash(f.Path)))
		if err != nil {
			return s.fault(diag.TapFileChanged, "%s: %s", f.Path, err)
		}
		if sum := sha256.Sum256(text); hex.EncodeToString(sum[:]) != f.SHA256 {
			return s.fault(diag.TapFileChanged, "%s is not the file that was planned (its SHA-256 is %x): plan and apply again", f.Path, sum)
		}
	}
	return nil
}

// environment is this process's environment, the project's, and the source's,
// the later winning, as NAME=value.
func (s *Source) environment() ([]string, error) {
	env := os.Environ()
	for _, name := range sortedKeys(s.spec.Environment) {
		env = append(env, name+"="+s.spec.Environment[name])
	}
	for _, name := range sortedKeys(s.spec.Source.Env) {
		value, err := s.spec.Source.Env[name].Resolve(s.secrets.resolve)
		if err != nil {
			return nil, s.fault(diag.TapConfig, "env.%s: %s", name, err)
		}
		env = append(env, name+"="+value)
	}
	return env, nil
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// config is the tap's config file, with secrets in it.
func (s *Source) config() ([]byte, error) {
	v := s.spec.Source.Config
	if v.Map == nil { // a tap expects an object
		return []byte("{}"), nil
	}
	text, err := v.ResolveJSON(s.secrets.resolve)
	if err != nil {
		return nil, s.fault(diag.TapConfig, "the config: %s", err)
	}
	return text, nil
}

// start runs the tap with its config and more arguments.
func (s *Source) start(ctx context.Context, files []argFile, more ...string) (*process, error) {
	if err := s.checkFiles(); err != nil {
		return nil, err
	}
	args, err := s.command()
	if err != nil {
		return nil, err
	}
	env, err := s.environment()
	if err != nil {
		return nil, err
	}
	config, err := s.config()
	if err != nil {
		return nil, err
	}
	files = append([]argFile{{"--config", config}}, files...)
	p, err := startProcess(ctx, processSpec{args: append(args, more...), env: env, dir: s.spec.WorkDir, files: files, stderr: s.logLine})
	if err != nil {
		return nil, s.fault(diag.TapStart, "%s: %s", s.secrets.strike(args[0]), err)
	}
	return p, nil
}

// logLine logs one line of the tap's stderr.
func (s *Source) logLine(line string) string {
	line = s.secrets.strike(line)
	s.spec.Log.Info(line, "source", s.spec.Address)
	return line
}
