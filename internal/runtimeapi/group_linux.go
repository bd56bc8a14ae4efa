package runtimeapi

import (
	"bytes"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"syscall"
)

// ownGroup puts the process into a group of its own, so that what it starts can be ended with it.
func ownGroup(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }

func killGroup(cmd *exec.Cmd) { _ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }

// ids are the processes of the group.
func (p *process) ids() []int { return slices.Sorted(maps.Keys(p.stats())) }

// memory is what the group has resident, in bytes.
func (p *process) memory() (sum int64) {
	for _, pages := range p.stats() {
		sum += pages * int64(os.Getpagesize())
	}
	return sum
}

// stats are the resident pages of each process of the group: proc_pid_stat(5), fields 3, 5 and 24.
func (p *process) stats() map[int]int64 {
	files, _ := filepath.Glob("/proc/[0-9]*/stat")
	found := make(map[int]int64)
	for _, name := range files {
		content, err := os.ReadFile(name)
		end := bytes.LastIndexByte(content, ')') // the name may hold anything
		if err != nil || end < 0 {
			continue
		}
		fields := bytes.Fields(content[end+1:])
		const state, group, resident = 0, 2, 21
		if len(fields) <= resident || string(fields[group]) != strconv.Itoa(p.cmd.Process.Pid) || string(fields[state]) == "Z" {
			continue
		}
		id, _ := strconv.Atoi(filepath.Base(filepath.Dir(name)))
		found[id], _ = strconv.ParseInt(string(fields[resident]), 10, 64)
	}
	return found
}
