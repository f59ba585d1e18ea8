#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <functional>
#include <memory>
#include <optional>

#include "llm/backends/fault/fault_http.hpp"
#include "net/loop.hpp"

namespace scena::fault {

/// What a connection needs from its server; both live on one loop.
class FaultConnectionOwner {
 public:
  virtual ~FaultConnectionOwner() = default;
  virtual FaultAnswer answer_to(const FaultHttpRequest& request) = 0;
};

/// One accepted connection: reads requests, plays the pieces of the answers at their times. It owns
/// itself through its pending operations; the owner is only called until close().
class FaultConnection final : public std::enable_shared_from_this<FaultConnection> {
 public:
  FaultConnection(net::Loop& loop, FaultConnectionOwner& owner,
                  boost::asio::ip::tcp::socket socket);
  ~FaultConnection();
  FaultConnection(const FaultConnection&) = delete;
  FaultConnection& operator=(const FaultConnection&) = delete;

  void start() { read(); }
  /// Ends at once, in any state; the owner is not called again.
  void close() noexcept;

 private:
  using Code = boost::system::error_code;

  void read();
  void on_request();
  void refuse(const Code& reason);
  void play();
  void write();
  void finish();
  void reset() noexcept;
  void watch_for_hang_up();

  net::Loop& loop_;
  FaultConnectionOwner* owner_;
  boost::asio::ip::tcp::socket socket_;
  int descriptor_;
  boost::beast::flat_buffer buffer_;
  std::optional<boost::beast::http::request_parser<boost::beast::http::string_body>> parser_;
  FaultAnswer answer_;
  std::size_t piece_ = 0;
  net::TimerId timer_ = 0;
  std::uint64_t exchange_ = 0;  // what a late handler belongs to
  bool keep_alive_ = false;
};

}  // namespace scena::fault
