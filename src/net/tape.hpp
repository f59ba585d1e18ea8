#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <scena/result.hpp>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "net/http.hpp"

namespace scena::net {

/// The newest tape format this library writes, and the newest it reads.
inline constexpr int kTapeVersion = 1;

struct TapeLimits {
  std::size_t max_bytes = 256u << 20;  ///< Of the whole tape.
  std::size_t max_line_bytes = 64u << 20;
  std::size_t max_exchanges = 1'000'000;
};

/// One read of a body; times count from the start of the exchange.
struct TapePiece {
  std::chrono::microseconds time{};
  std::string bytes;
  bool flush = false;  ///< The last piece of one read.
  bool operator==(const TapePiece&) const = default;
};

/// What is kept of a request. Values of secret header fields are "***".
struct TapeRequest {
  std::string method;
  std::string url;
  HttpFields headers;
  std::string body;
  std::string kind = {};  ///< See HttpRequest::kind; older tapes have none.
  bool operator==(const TapeRequest&) const = default;
};

/// One recorded exchange.
struct TapeExchange {
  TapeRequest request;
  std::optional<std::chrono::microseconds> began;  ///< Since the recording's begin; old: unknown.
  std::chrono::microseconds head_time{};
  std::optional<HttpHead> head;
  std::vector<TapePiece> pieces;
  std::chrono::microseconds end_time{};
  HttpEnd end;
  std::size_t line = 0;  ///< Of the request in the tape, from 1.
};

struct Tape {
  int version = kTapeVersion;
  std::vector<TapeExchange> exchanges;  ///< In the order of their requests.
};

/// The lines of a tape, each without its LF; docs/reference/tape.md describes them.
namespace tape {
/// True for header fields whose values are left out: those listed, and those whose names say it
/// ("set-cookie").
bool is_secret_field(std::string_view name, std::span<const std::string> listed) noexcept;
std::string header_line();
/// The values, as they stand there, of a URL's query members whose names are sensitive ("key").
std::vector<std::string_view> secret_query_values(std::string_view url);
/// The URL with *** in their place, and in that of `secret`.
std::string without_secrets(std::string_view url, std::string_view secret = {});
/// The request's URL as it stands on a tape: without its secrets.
std::string taped_url(const HttpRequest& request);
/// `at`: since the recording began.
std::string request_line(std::size_t exchange, std::chrono::microseconds at,
                         const HttpRequest& request);
std::string head_line(std::size_t exchange, std::chrono::microseconds time, const HttpHead& head);
std::string body_line(std::size_t exchange, const TapePiece& piece);
std::string end_line(std::size_t exchange, std::chrono::microseconds time, const HttpEnd& end);
}  // namespace tape

/// Reads a tape. An error names the line. version_mismatch for a newer format; an exchange whose
/// end was not recorded ends with ErrorCode::network.
Result<Tape> parse_tape(std::string_view text, TapeLimits limits = {});
/// Reads a tape from a file.
Result<Tape> load_tape(const std::string& path, TapeLimits limits = {});

}  // namespace scena::net
