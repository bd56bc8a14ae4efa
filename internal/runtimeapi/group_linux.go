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
	"time"
)

// ownGroup puts the process into a group of its own, so that what it starts can be ended with it.
func ownGroup(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }

func killGroup(cmd *exec.Cmd) { _ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }

// ids are the processes of the group.
func (p *process) ids() []int {
	p.search()
	return slices.Sorted(maps.Keys(p.resident()))
}

// memory is what the group has resident, in bytes.
func (p *process) memory() int64 {
	p.search()
	return p.knownMemory()
}

// searchEvery is how often checkMemory looks for processes that have joined the group: to read all of /proc takes
// milliseconds on a busy machine, which is more than most events take.
const searchEvery = time.Second

// memoryAfterEvent is memory at the price of reading one file: processes that the function has started since the last
// search are not in it.
func (p *process) memoryAfterEvent() int64 {
	if time.Since(p.searched) >= searchEvery {
		p.search()
	}
	return p.knownMemory()
}

func (p *process) knownMemory() (sum int64) {
	for _, pages := range p.resident() {
		sum += pages * int64(os.Getpagesize())
	}
	return sum
}

// search makes the processes of the group known.
func (p *process) search() {
	folders, _ := filepath.Glob("/proc/[0-9]*")
	p.known = p.known[:0]
	for _, folder := range folders {
		id, _ := strconv.Atoi(filepath.Base(folder))
		if _, ok := p.residentOf(id); ok {
			p.known = append(p.known, id)
		}
	}
	p.searched = time.Now()
}

// resident are the resident pages of each known process that still runs.
func (p *process) resident() map[int]int64 {
	found := make(map[int]int64, len(p.known))
	for _, id := range p.known {
		if pages, ok := p.residentOf(id); ok {
			found[id] = pages
		}
	}
	return found
}

// residentOf reads the resident pages of a process, if it runs and is of the group: proc_pid_stat(5), fields 3, 5 and 24.
func (p *process) residentOf(id int) (pages int64, ok bool) {
	content, err := os.ReadFile("/proc/" + strconv.Itoa(id) + "/stat")
	end := bytes.LastIndexByte(content, ')') // the name may hold anything
	if err != nil || end < 0 {
		return 0, false
	}
	fields := bytes.Fields(content[end+1:])
	const state, group, resident = 0, 2, 21
	if len(fields) <= resident || string(fields[group]) != strconv.Itoa(p.cmd.Process.Pid) || string(fields[state]) == "Z" {
		return 0, false
	}
	pages, err = strconv.ParseInt(string(fields[resident]), 10, 64)
	return pages, err == nil
}
