package mosaik

import (
	"errors"
	"strings"

	"github.com/simrun/simrun/internal/proc"
)

// commandLine is a command whose placeholders have been filled in.
type commandLine struct {
	args []string
	env  []string
}

// command fills the address into the command.
func (c Config) command(addr string) (commandLine, error) {
	args := c.Command
	if c.CommandLine != "" {
		var err error
		if args, err = proc.Split(c.CommandLine); err != nil {
			return commandLine{}, err
		}
	}
	if len(args) == 0 || args[0] == "" {
		return commandLine{}, errors.New("the command is empty")
	}
	all := strings.Join(args, " ") + " " + strings.Join(c.Env, " ")
	if !strings.Contains(all, "{addr}") && !strings.Contains(all, "%(addr)s") {
		return commandLine{}, errors.New("the command has no {addr}, so that the program would not know where to connect; most programs take it as their last argument")
	}
	pairs := []string{"{addr}", addr, "{python}", c.Python, "%(addr)s", addr, "%(python)s", c.Python}
	if strings.Contains(all, "%(addr)s") || strings.Contains(all, "%(python)s") {
		// A command written for mosaik is a format of Python, in which a
		// percent sign is doubled.
		pairs = append(pairs, "%%", "%")
	}
	fill := strings.NewReplacer(pairs...)
	cmd := commandLine{args: make([]string, len(args)), env: make([]string, len(c.Env))}
	for i, arg := range args {
		cmd.args[i] = fill.Replace(arg)
	}
	for i, env := range c.Env {
		cmd.env[i] = fill.Replace(env)
	}
	return cmd, nil
}
