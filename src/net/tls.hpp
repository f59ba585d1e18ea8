#pragma once

#include <cstddef>
#include <memory>
#include <scena/result.hpp>
#include <string>
#include <string_view>

namespace scena::net {

/// What TLS connections of one client share: trusted authorities and settings. TLS 1.2 or newer.
class TlsContext {
 public:
  /// `ca_file`: a PEM file in place of the system's authorities, or empty. Reads files.
  static Result<std::unique_ptr<TlsContext>> make(const std::string& ca_file, bool verify);
  ~TlsContext();
  TlsContext(const TlsContext&) = delete;
  TlsContext& operator=(const TlsContext&) = delete;

 private:
  friend class TlsClient;
  TlsContext();
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// The client's side of one TLS connection, without I/O: ciphertext in and out by calls. OpenSSL
/// reads from the caller's buffer and keeps none of its own while nothing is under way. What goes
/// wrong stays out of OpenSSL's error queue.
class TlsClient {
 public:
  struct Read {
    std::size_t count = 0;  ///< Plain bytes; 0: all input is used up.
    bool ended = false;     ///< The other side closed properly.
  };

  /// `host` is the name or address to send and, if verifying, to find in the certificate.
  static Result<std::unique_ptr<TlsClient>> make(TlsContext& context, const std::string& host);
  ~TlsClient();
  TlsClient(const TlsClient&) = delete;
  TlsClient& operator=(const TlsClient&) = delete;

  /// Gives ciphertext that came, kept by reference: handshake() or read() until it is used up.
  void feed(std::string_view ciphertext) noexcept;
  /// True when the handshake is complete, false when it waits for input.
  Result<bool> handshake();
  Result<Read> read(char* into, std::size_t room);
  /// Encrypts everything. Only after the handshake.
  Result<void> write(std::string_view plain);
  /// Ciphertext to send; the caller takes it away after every call above.
  std::string& output() noexcept;

 private:
  TlsClient();
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace scena::net
