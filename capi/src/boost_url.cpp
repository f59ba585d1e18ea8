// Debian's static Boost.URL is not compiled for shared objects, so this library brings its own
// copy.
#include <boost/url/src.hpp>
