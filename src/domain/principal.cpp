#include <algorithm>
#include <scena/principal.hpp>

namespace scena {

Principal Principal::host(std::string tenant) {
  Principal principal;
  principal.tenant = std::move(tenant);
  principal.roles = {"host"};
  return principal;
}

bool Principal::is_host() const noexcept {
  return std::find(roles.begin(), roles.end(), "host") != roles.end();
}

bool Principal::is_guest() const noexcept {
  return std::find(roles.begin(), roles.end(), "guest") != roles.end() ||
         (subject.empty() && !is_host());
}

}  // namespace scena
