#pragma once

namespace scena::test {

#if !defined(__has_feature)
#define SCENA_HAS_FEATURE(feature) 0
#else
#define SCENA_HAS_FEATURE(feature) __has_feature(feature)
#endif

/// Whether a sanitizer of memory or of threads watches this program: all it does takes some twenty
/// times as long.
inline constexpr bool kSanitized =
    SCENA_HAS_FEATURE(address_sanitizer) || SCENA_HAS_FEATURE(thread_sanitizer);
/// Whether undefined behaviour is watched for.
inline constexpr bool kChecksBehaviour = SCENA_HAS_FEATURE(undefined_behavior_sanitizer);

#undef SCENA_HAS_FEATURE

}  // namespace scena::test
