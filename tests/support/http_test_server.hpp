#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace scena::test {

/// A self-signed certificate, made in memory; its PEM stands in a temporary file for ca_file.
class TestCertificate {
 public:
  /// `names`: an OpenSSL subjectAltName, e.g. "DNS:localhost" or "IP:127.0.0.1".
  explicit TestCertificate(const std::string& names);
  ~TestCertificate();
  TestCertificate(const TestCertificate&) = delete;
  TestCertificate& operator=(const TestCertificate&) = delete;

  const std::string& ca_file() const noexcept { return file_; }

 private:
  friend class HttpTestServer;
  struct Impl;
  std::unique_ptr<Impl> impl_;
  std::string file_;
};

/// The server's end of one connection, used by one script. Reading and writing block.
class TestPeer {
 public:
  virtual ~TestPeer() = default;
  /// One whole request by its Content-Length; empty when the client is gone.
  virtual std::string read_request() = 0;
  /// False when the client is gone.
  virtual bool send(std::string_view bytes) = 0;
  /// Does the TLS handshake on a connection that began in plain text. False when it failed.
  virtual bool start_tls() = 0;
  /// Ends without the end of TLS.
  virtual void cut() = 0;
  virtual void reset() = 0;
  /// Until the client has closed.
  virtual void wait_for_end() = 0;
};

/// A server on a free port of this machine whose connections run a script each, on threads of its
/// own. When a script returns, its connection is closed properly. Destroying the server cuts the
/// rest.
class HttpTestServer {
 public:
  using Script = std::function<void(TestPeer&)>;
  struct Options {
    const TestCertificate* certificate = nullptr;  ///< For TLS; must outlive the server.
    bool tls_from_start = true;                    ///< With a certificate: before the script runs.
    int max_tls_version = 0;                       ///< E.g. TLS1_2_VERSION; 0: any.
    const char* address = "127.0.0.1";             ///< One of this machine's.
  };

  explicit HttpTestServer(Script script) : HttpTestServer(std::move(script), Options{}) {}
  HttpTestServer(Script script, Options options);
  ~HttpTestServer();
  HttpTestServer(const HttpTestServer&) = delete;
  HttpTestServer& operator=(const HttpTestServer&) = delete;

  int port() const noexcept;
  int connections() const noexcept;  ///< Accepted so far.
  /// "http://127.0.0.1:PORT" + `path`, or another scheme and host.
  std::string url(std::string_view path,
                  std::string_view scheme_and_host = "http://127.0.0.1") const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace scena::test
