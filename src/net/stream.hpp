#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <scena/error.hpp>
#include <string>
#include <string_view>

namespace scena::net {

struct IoResult {
  enum class Kind : std::uint8_t {
    moved,        ///< `count` bytes, at least one.
    would_block,  ///< Ask again after the next on_readable or on_writable.
    ended,        ///< The other side will send nothing more.
    failed,       ///< Reset or broken; `count` is the system's error number.
  };
  Kind kind = Kind::would_block;
  std::size_t count = 0;
};

/// Hears of one stream. Never called inside a call to the stream, nor after its destruction.
class StreamHandler {
 public:
  virtual ~StreamHandler() = default;
  /// Once, first. With an Error (network, unavailable) nothing follows.
  virtual void on_connected(const std::optional<Error>& error) = 0;
  virtual void on_readable() = 0;
  virtual void on_writable() = 0;
};

/// A byte stream to one server: a socket, or its stand-in in a simulated network. Destroying it
/// closes the connection. One thread, the loop's.
class ByteStream {
 public:
  virtual ~ByteStream() = default;
  virtual IoResult read_some(char* into, std::size_t room) noexcept = 0;
  virtual IoResult write_some(std::string_view bytes) noexcept = 0;
  /// One on_readable / on_writable, as soon as a read or write would not block.
  virtual void want_read() = 0;
  virtual void want_write() = 0;
};

/// Which addresses a name may lead to.
enum class Reach : std::uint8_t {
  anywhere,
  public_only,  ///< Every resolved address is judged before one is connected to.
};

/// Makes streams.
class Network {
 public:
  virtual ~Network() = default;
  /// Resolves and connects; the outcome comes by on_connected, never inside this call. The stream
  /// is given up by destroying it. `handler` outlives the stream.
  virtual std::unique_ptr<ByteStream> connect(const std::string& host, std::uint16_t port,
                                              Reach reach, StreamHandler& handler) = 0;
  /// True when streams for https are to be used without TLS (a simulated network).
  virtual bool is_private() const noexcept { return false; }
};

}  // namespace scena::net
