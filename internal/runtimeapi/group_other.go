//go:build !linux

package runtimeapi

import "os/exec"

func ownGroup(*exec.Cmd) {}

func killGroup(cmd *exec.Cmd) { _ = cmd.Process.Kill() }

func (p *process) ids() []int { return []int{p.cmd.Process.Pid} }

func (p *process) memory() int64 { return 0 }

func (p *process) memoryAfterEvent() int64 { return 0 }
