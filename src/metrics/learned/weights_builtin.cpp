#include "metrics/learned/weights.hpp"

#if SCENA_WITH_METRICS_WEIGHTS
// The assembler takes the file in: a compiler would need seconds for a megabyte of numbers.
__asm__(
    ".pushsection .rodata,\"a\"\n"
    ".balign 64\n"
    ".globl scena_metrics_weights_begin\n"
    ".hidden scena_metrics_weights_begin\n"
    "scena_metrics_weights_begin:\n"
    ".incbin \"" SCENA_METRICS_WEIGHTS_FILE
    "\"\n"
    ".globl scena_metrics_weights_end\n"
    ".hidden scena_metrics_weights_end\n"
    "scena_metrics_weights_end:\n"
    ".byte 0\n"
    ".popsection\n");

extern "C" {
[[gnu::visibility("hidden")]] extern const std::byte scena_metrics_weights_begin[];
[[gnu::visibility("hidden")]] extern const std::byte scena_metrics_weights_end[];
}
#endif

namespace scena::metrics {

std::span<const std::byte> builtin_weights_file() noexcept {
#if SCENA_WITH_METRICS_WEIGHTS
  return {scena_metrics_weights_begin, scena_metrics_weights_end};
#else
  return {};
#endif
}

}  // namespace scena::metrics
