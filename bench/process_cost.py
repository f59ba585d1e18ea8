"""What whole processes cost, in milliseconds of the processor: how busy the machine is does not count for much."""
import os
import statistics
import subprocess


def of(command, *, environment, times):
    """The median of so many runs, the first of which is left out: it compiles and fills caches."""
    return statistics.median([_once(command, environment) for _ in range(times + 1)][1:])


def _once(command, environment):
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise subprocess.CalledProcessError(process.returncode, command)
    return (used.ru_utime + used.ru_stime) * 1000


def beside_bare(bare, with_import, *, environment, times):
    """A line: a start with an import beside a bare one."""
    alone, both = (of(command, environment=environment, times=times) for command in (bare, with_import))
    return f"a start with the import  {both:8.1f} ms, {both / alone:.2f} times a bare one ({alone:.1f} ms)"
