#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <scena/result.hpp>
#include <span>
#include <string_view>

namespace scena::net {

/// Unpacks a body with Content-Encoding gzip or deflate (zlib, or raw as some servers send it),
/// piece by piece. What is called gzip but does not begin so is passed on as it is: proxies unpack
/// an answer and keep its head. About 40 KiB while it lives.
class Inflater {
 public:
  enum class Format { gzip, deflate };

  /// The format of a Content-Encoding value; nothing for those that name no packing: empty,
  /// "identity", and "none" and "utf-8", which servers set. Error `protocol` for the others, which
  /// nobody asked for, and for several packings.
  static Result<std::optional<Format>> format_of(std::string_view content_encoding);

  explicit Inflater(Format format) noexcept;
  ~Inflater();
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;

  /// Gives packed bytes; read() until it returns 0 before the next feed. Kept by reference.
  void feed(std::string_view packed) noexcept { input_ = packed; }
  /// Unpacked bytes written to `room`, 0 when the input is used up. Error `protocol` on damage.
  Result<std::size_t> read(std::span<char> room);
  /// The packed stream came to its end mark, or was not packed.
  bool at_end() const noexcept { return at_end_ || plain_; }

 private:
  struct Stream;
  Result<void> begin();

  std::unique_ptr<Stream> stream_;
  std::string_view input_;
  Format format_;
  bool at_end_ = false;
  bool plain_ = false;  // not packed, whatever its head says
};

}  // namespace scena::net
