#pragma once

#include <cstddef>
#include <scena/result.hpp>
#include <string>
#include <string_view>

namespace scena::net {

/// Receives the elements of a JsonArrayDecoder. Views are valid during the call only.
class JsonArrayVisitor {
 public:
  virtual ~JsonArrayVisitor() = default;
  /// One element, white space around it taken off. False ends the decoding.
  virtual bool on_element(std::string_view element) = 0;
};

/// The elements of one JSON array from bytes cut anywhere, each as soon as it is whole. Elements
/// are cut out by brackets and strings, not parsed: what stands between them is for the reader to
/// judge. Bytes behind the array are dropped. Linear; only an element at a cut is copied.
class JsonArrayDecoder {
 public:
  /// An element over `max_element_bytes` is ErrorCode::too_large.
  explicit JsonArrayDecoder(std::size_t max_element_bytes = 1u << 20) noexcept
      : max_element_bytes_(max_element_bytes) {}

  /// ErrorCode::protocol when the text is no array. After an error every further call returns it
  /// again.
  Result<void> feed(std::string_view bytes, JsonArrayVisitor& visitor);
  /// True once the array's closing bracket was seen.
  bool closed() const noexcept { return place_ == Place::behind; }

 private:
  enum class Place { before, between, inside, behind, stopped, broken, too_large };

  enum class Step { more, last, behind };

  Step step(char c) noexcept;
  void take_between(char c) noexcept;
  Result<void> check() const;

  std::size_t max_element_bytes_;
  std::string carry_;  // the unfinished element
  std::size_t depth_ = 0;
  Place place_ = Place::before;
  bool in_string_ = false;
  bool escaped_ = false;
};

}  // namespace scena::net
