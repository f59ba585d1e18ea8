#pragma once

#include <cstddef>
#include <cstdint>
#include <scena/result.hpp>
#include <span>
#include <string>
#include <string_view>

#include "net/http.hpp"

namespace scena::net {

/// Receives what a ResponseParser finds.
class ResponseEvents {
 public:
  virtual ~ResponseEvents() = default;
  virtual void on_response_head(const HttpHead& head) = 0;
  /// The body's bytes of one feed(), never empty, without the framing; encodings are as they came.
  virtual void on_response_body(std::string_view bytes) = 0;
};

/// Takes one HTTP/1.x answer apart (RFC 9112), without I/O and without a buffer for bodies.
///
/// Strict where a lenient reader could be misled about where an answer ends: one Content-Length or
/// chunked and never both, no other transfer coding. Heads with LF alone or folded fields are read,
/// and end the connection's use. Interim answers (1xx) are skipped. After an error the connection
/// is of no use.
class ResponseParser {
 public:
  struct Options {
    std::size_t max_header_bytes = 64u << 10;  ///< Of one head, and of all trailers.
    bool no_body = false;                      ///< The answer to HEAD or CONNECT.
  };
  static constexpr std::size_t kMaxFields = 500;
  static constexpr int kMaxInterim = 16;

  explicit ResponseParser(Options options) noexcept : options_(options) {}

  /// Takes bytes up to the answer's end and returns how many; fewer than given only when done().
  /// What lies in several chunks is joined in its place, so the bytes taken are not the same after.
  Result<std::size_t> feed(std::span<char> bytes, ResponseEvents& events);
  /// The connection ended. An Error (network) when the answer did not.
  Result<void> finish() noexcept;

  bool done() const noexcept { return step_ == Step::done; }
  bool started() const noexcept { return started_; }  ///< A byte of an answer came.
  bool got_head() const noexcept { return got_head_; }
  bool close_delimited() const noexcept { return close_delimited_; }
  /// The connection may carry another exchange, once done().
  bool keep_alive() const noexcept { return keep_alive_ && !close_delimited_; }
  /// Announced length; meaningful only without chunks.
  std::uint64_t content_length() const noexcept { return content_length_; }

 private:
  enum class Step : std::uint8_t {
    head,
    fixed,        // Content-Length
    until_close,  // neither announced
    size_first,   // chunks: first digit of a size
    size_digits,
    extension,
    size_lf,
    data,
    data_cr,
    data_lf,
    trailer_start,
    trailer_line,
    trailer_lf,
    last_lf,
    done,
  };

  struct Body;  // of one feed()

  Result<std::size_t> take(std::span<char> bytes, Body& body, ResponseEvents& events);
  Result<std::size_t> take_head(std::string_view bytes, ResponseEvents& events);
  Result<void> use_head(std::string_view text, ResponseEvents& events);
  Result<void> choose_body(const HttpHead& head);
  std::size_t take_body(std::span<char> bytes, Body& body) noexcept;
  std::size_t take_plain_framing(std::string_view bytes) noexcept;
  Result<void> take_framing(char c);
  Result<void> take_size(char c);
  Result<void> take_extension(char c);
  Result<void> take_trailer(char c);
  bool at_body() const noexcept {
    return step_ == Step::data || step_ == Step::fixed || step_ == Step::until_close;
  }

  std::string head_;  // the part of a head that came in earlier reads
  Options options_;
  std::uint64_t content_length_ = 0;
  std::uint64_t left_ = 0;      // of the chunk or the body; the size while it is read
  std::size_t line_bytes_ = 0;  // of a chunk's extension, or of all trailers
  std::size_t scanned_ = 0;     // of head_, known to hold whole lines only
  std::uint16_t interim_ = 0;
  Step step_ = Step::head;
  bool started_ = false;
  bool got_head_ = false;
  bool close_delimited_ = false;
  bool keep_alive_ = true;
  std::uint8_t digits_ = 0;
};

}  // namespace scena::net
