#include "net/inflate.hpp"

#include <zlib.h>

#include <algorithm>
#include <iterator>

#include "base/text.hpp"

namespace scena::net {
namespace {

constexpr int kGzip = 15 + 16, kZlib = 15, kRaw = -15;

Error damaged() {
  return Error::fixed(ErrorCode::protocol, "the compressed answer is damaged");
}

}  // namespace

struct Inflater::Stream {
  ~Stream() { ::inflateEnd(&z); }
  z_stream z{};
};

Inflater::Inflater(Format format) noexcept : format_(format) {}
Inflater::~Inflater() = default;

Result<std::optional<Inflater::Format>> Inflater::format_of(std::string_view encodings) {
  struct Name {
    std::string_view name;
    std::optional<Format> format;
  };
  constexpr Name kNames[] = {{"", {}},
                             {"identity", {}},
                             {"none", {}},
                             {"utf-8", {}},
                             {"gzip", Format::gzip},
                             {"x-gzip", Format::gzip},
                             {"deflate", Format::deflate}};
  std::optional<Format> found;
  while (!encodings.empty()) {
    const auto comma = std::min(encodings.find(','), encodings.size());
    const auto one = trim(encodings.substr(0, comma));
    encodings.remove_prefix(std::min(comma + 1, encodings.size()));
    const auto* known = std::find_if(std::begin(kNames), std::end(kNames), [one](const Name& name) {
      return equals_ignore_case(one, name.name);
    });
    if (known == std::end(kNames) || (found && known->format)) {
      return Error::fixed(ErrorCode::protocol,
                          "the answer's content encoding is neither gzip nor deflate");
    }
    if (known->format) found = known->format;
  }
  return found;
}

Result<void> Inflater::begin() {
  int window = kGzip;
  if (format_ == Format::deflate) {
    // A zlib header names method 8 in its low bits; raw deflate of real servers never does.
    window = (static_cast<unsigned char>(input_[0]) & 0x0f) == 8 ? kZlib : kRaw;
  }
  auto stream = std::make_unique<Stream>();
  if (::inflateInit2(&stream->z, window) != Z_OK) {
    return Error::fixed(ErrorCode::out_of_memory, "no memory to unpack the answer");
  }
  stream_ = std::move(stream);
  return {};
}

Result<std::size_t> Inflater::read(std::span<char> room) {
  if (input_.empty() && !stream_) return std::size_t{0};
  constexpr char kGzipBegin = '\x1f';
  if (!stream_ && format_ == Format::gzip && input_[0] != kGzipBegin) plain_ = true;
  if (plain_) {
    const std::size_t count = input_.copy(room.data(), room.size());
    input_.remove_prefix(count);
    return count;
  }
  if (at_end_) {
    if (input_.empty()) return std::size_t{0};
    // More members may follow in gzip, nothing in deflate.
    if (format_ != Format::gzip || ::inflateReset(&stream_->z) != Z_OK) return damaged();
    at_end_ = false;
  }
  if (!stream_) {
    if (auto begun = begin(); !begun) return begun.error();
  }
  z_stream& z = stream_->z;
  z.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(input_.data()));
  z.avail_in = static_cast<uInt>(input_.size());
  z.next_out = reinterpret_cast<Bytef*>(room.data());
  z.avail_out = static_cast<uInt>(room.size());
  const int status = ::inflate(&z, Z_SYNC_FLUSH);
  input_.remove_prefix(input_.size() - z.avail_in);
  const std::size_t count = room.size() - z.avail_out;
  if (status == Z_STREAM_END) {
    at_end_ = true;
    if (count == 0 && !input_.empty()) return read(room);
    return count;
  }
  if (status != Z_OK && status != Z_BUF_ERROR) return damaged();
  return count;
}

}  // namespace scena::net
