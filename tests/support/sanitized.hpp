#pragma once

namespace scena::test {

/// Whether ASan and UBSan watch this program: all it does takes some twenty times as long.
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
inline constexpr bool kSanitized = true;
#else
inline constexpr bool kSanitized = false;
#endif
#else
inline constexpr bool kSanitized = false;
#endif

}  // namespace scena::test
