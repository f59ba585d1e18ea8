#include "support/http_test_server.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <mutex>
#include <stdexcept>
#include <thread>
#include <vector>

namespace scena::test {
namespace {

void require(bool fine, const char* what) {
  if (!fine) throw std::runtime_error(what);
}

std::size_t announced_length(std::string_view head) {
  const auto at = head.find("Content-Length: ");
  return at == head.npos ? 0 : std::strtoul(head.data() + at + 16, nullptr, 10);
}

}  // namespace

struct TestCertificate::Impl {
  ~Impl() {
    ::X509_free(certificate);
    ::EVP_PKEY_free(key);
  }
  EVP_PKEY* key = ::EVP_EC_gen("P-256");
  X509* certificate = ::X509_new();
};

TestCertificate::TestCertificate(const std::string& names) : impl_(std::make_unique<Impl>()) {
  X509* const x = impl_->certificate;
  ::X509_set_version(x, 2);
  ::ASN1_INTEGER_set(::X509_get_serialNumber(x), 1);
  ::X509_gmtime_adj(::X509_getm_notBefore(x), -3'600);
  ::X509_gmtime_adj(::X509_getm_notAfter(x), 86'400);
  ::X509_set_pubkey(x, impl_->key);
  X509_NAME* const subject = ::X509_get_subject_name(x);
  ::X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC,
                               reinterpret_cast<const unsigned char*>("test"), -1, -1, 0);
  ::X509_set_issuer_name(x, subject);
  for (const auto& [kind, text] : {std::pair{NID_subject_alt_name, names.c_str()},
                                   std::pair{NID_basic_constraints, "critical,CA:TRUE"}}) {
    X509_EXTENSION* const extension = ::X509V3_EXT_conf_nid(nullptr, nullptr, kind, text);
    require(extension != nullptr, "certificate extension");
    ::X509_add_ext(x, extension, -1);
    ::X509_EXTENSION_free(extension);
  }
  require(::X509_sign(x, impl_->key, ::EVP_sha256()) != 0, "certificate signature");
  file_ = (std::filesystem::temp_directory_path() / "scena-test-XXXXXX").string();
  const int descriptor = ::mkstemp(file_.data());
  require(descriptor >= 0, "certificate file");
  FILE* const out = ::fdopen(descriptor, "w");
  ::PEM_write_X509(out, x);
  ::fclose(out);
}

TestCertificate::~TestCertificate() {
  std::filesystem::remove(file_);
}

namespace {

class Peer final : public TestPeer {
 public:
  Peer(int socket, SSL_CTX* context) : socket_(socket), context_(context) {}
  ~Peer() override {
    ::SSL_free(ssl_);
    close_socket();
  }

  std::string read_request() override {
    for (;;) {
      const auto head_end = bytes_.find("\r\n\r\n");
      if (head_end != bytes_.npos) {
        const auto size =
            head_end + 4 + announced_length(std::string_view(bytes_).substr(0, head_end));
        if (bytes_.size() >= size) {
          std::string request = bytes_.substr(0, size);
          bytes_.erase(0, size);
          return request;
        }
      }
      if (!read_more()) return {};
    }
  }

  bool send(std::string_view bytes) override {
    while (!bytes.empty()) {
      const auto count = ssl_ ? ::SSL_write(ssl_, bytes.data(), static_cast<int>(bytes.size()))
                              : ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (count <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(count));
    }
    return true;
  }

  bool start_tls() override {
    ssl_ = ::SSL_new(context_);
    ::SSL_set_fd(ssl_, socket_);
    if (::SSL_accept(ssl_) == 1) return true;
    ::SSL_free(ssl_);
    ssl_ = nullptr;
    return false;
  }

  void cut() override { close_socket(); }
  void reset() override {
    const linger now{1, 0};
    ::setsockopt(socket_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    close_socket();
  }
  void wait_for_end() override {
    while (socket_ >= 0 && read_more()) bytes_.clear();
  }
  void finish() {
    if (socket_ >= 0 && ssl_) ::SSL_shutdown(ssl_);
    close_socket();
  }
  void interrupt() {
    const std::lock_guard lock(mutex_);
    if (socket_ >= 0) ::shutdown(socket_, SHUT_RDWR);
  }

 private:
  bool read_more() {
    char buffer[16'384];
    const auto count =
        ssl_ ? ::SSL_read(ssl_, buffer, sizeof buffer) : ::recv(socket_, buffer, sizeof buffer, 0);
    if (count <= 0) return false;
    bytes_.append(buffer, static_cast<std::size_t>(count));
    return true;
  }
  void close_socket() {
    const std::lock_guard lock(mutex_);
    if (socket_ >= 0) ::close(socket_);
    socket_ = -1;
  }

  std::mutex mutex_;
  int socket_;
  SSL_CTX* context_;
  SSL* ssl_ = nullptr;
  std::string bytes_;
};

}  // namespace

struct HttpTestServer::Impl {
  void accept_all();
  void serve(Peer& peer);

  Script script;
  Options options;
  int listener = -1;
  int port = 0;
  SSL_CTX* context = nullptr;
  std::atomic<int> accepted{0};
  std::mutex mutex;
  std::vector<std::shared_ptr<Peer>> peers;
  std::vector<std::thread> threads;
  std::thread acceptor;
};

void HttpTestServer::Impl::serve(Peer& peer) {
  if (context && options.tls_from_start && !peer.start_tls()) return peer.finish();
  script(peer);
  peer.finish();
}

void HttpTestServer::Impl::accept_all() {
  // OpenSSL writes without MSG_NOSIGNAL; blocked in these threads only.
  sigset_t pipe;
  ::sigemptyset(&pipe);
  ::sigaddset(&pipe, SIGPIPE);
  ::pthread_sigmask(SIG_BLOCK, &pipe, nullptr);
  for (;;) {
    // accept() takes a descriptor before it waits: where there is none left it would fail although
    // nobody has come.
    pollfd ready{listener, POLLIN, 0};
    if (::poll(&ready, 1, -1) < 0 && errno != EINTR) return;
    const int socket = ::accept(listener, nullptr, nullptr);
    if (socket < 0 && (errno == EMFILE || errno == EINTR)) continue;
    if (socket < 0) return;
    ++accepted;
    const std::lock_guard lock(mutex);
    auto peer = std::make_shared<Peer>(socket, context);
    peers.push_back(peer);
    threads.emplace_back([this, peer] { serve(*peer); });
  }
}

HttpTestServer::HttpTestServer(Script script, Options options) : impl_(std::make_unique<Impl>()) {
  impl_->script = std::move(script);
  impl_->options = options;
  impl_->listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  require(::inet_pton(AF_INET, options.address, &address.sin_addr) == 1, "address");
  socklen_t size = sizeof address;
  require(::bind(impl_->listener, reinterpret_cast<sockaddr*>(&address), size) == 0, "bind");
  require(::listen(impl_->listener, 1'024) == 0, "listen");
  ::getsockname(impl_->listener, reinterpret_cast<sockaddr*>(&address), &size);
  impl_->port = ntohs(address.sin_port);
  if (options.certificate) {
    impl_->context = ::SSL_CTX_new(::TLS_server_method());
    ::SSL_CTX_use_certificate(impl_->context, options.certificate->impl_->certificate);
    ::SSL_CTX_use_PrivateKey(impl_->context, options.certificate->impl_->key);
    if (options.max_tls_version != 0) {
      ::SSL_CTX_set_security_level(impl_->context, 0);
      ::SSL_CTX_set_max_proto_version(impl_->context, options.max_tls_version);
    }
  }
  impl_->acceptor = std::thread([impl = impl_.get()] { impl->accept_all(); });
}

HttpTestServer::~HttpTestServer() {
  ::shutdown(impl_->listener, SHUT_RDWR);
  impl_->acceptor.join();
  ::close(impl_->listener);
  for (const auto& peer : impl_->peers) peer->interrupt();
  for (auto& thread : impl_->threads) thread.join();
  impl_->peers.clear();
  ::SSL_CTX_free(impl_->context);
}

int HttpTestServer::port() const noexcept {
  return impl_->port;
}
int HttpTestServer::connections() const noexcept {
  return impl_->accepted;
}

std::string HttpTestServer::url(std::string_view path, std::string_view scheme_and_host) const {
  return std::string(scheme_and_host) + ":" + std::to_string(impl_->port) + std::string(path);
}

}  // namespace scena::test
