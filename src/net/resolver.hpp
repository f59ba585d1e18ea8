#pragma once

#include <boost/asio/ip/address.hpp>
#include <memory>
#include <optional>
#include <scena/result.hpp>
#include <string>
#include <vector>

#include "base/unique_function.hpp"
#include "net/loop.hpp"

namespace scena::net {

/// Names to addresses by c-ares on a Loop, without threads. c-ares and its files are touched at the
/// first real name; addresses and "localhost" need neither. Equal questions at the same time are
/// asked once, and answers are kept for ten seconds of engine time.
///
/// One thread, the loop's. Destroyed before the loop; callbacks still open are then dropped.
class Resolver {
 public:
  using Addresses = std::vector<boost::asio::ip::address>;
  using Callback = UniqueFunction<void(const Result<Addresses>&)>;

  explicit Resolver(Loop& loop);
  ~Resolver();
  Resolver(const Resolver&) = delete;
  Resolver& operator=(const Resolver&) = delete;

  /// The addresses of a literal address or of "localhost", else nothing.
  static std::optional<Addresses> known(const std::string& host);
  /// Calls `done` once, never inside this call; addresses in the order to try them, at least one.
  void resolve(const std::string& host, Callback done);

 private:
  class Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace scena::net
