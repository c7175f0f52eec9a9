// The words for kinds of failure, and the end of the process when an invariant is broken.
#include "core/base/result.h"

#include <cstdio>
#include <cstdlib>

namespace veilroute {

std::string_view to_string(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::invalid:
      return "invalid";
    case ErrorKind::refused:
      return "refused";
    case ErrorKind::unavailable:
      return "unavailable";
    case ErrorKind::exhausted:
      return "exhausted";
    case ErrorKind::corrupt:
      return "corrupt";
    case ErrorKind::internal:
      return "internal";
  }
  return "internal";
}

void die(std::string_view why) {
  // Plain stdio: the log may be the very thing that is broken.
  std::fprintf(stderr, "veilroute: stopped, an invariant is broken: %.*s\n",
               static_cast<int>(why.size()), why.data());
  std::fflush(stderr);
  std::abort();
}

}  // namespace veilroute
