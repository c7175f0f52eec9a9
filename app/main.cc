// veilroute: the one program; every verb is a file in app/cli/.
#include <cstdio>
#include <exception>

#include "app/cli/verbs.h"

int main(int argc, char** argv) {
  try {
    return veilroute::app::cli::run(argc, argv);
  } catch (const std::exception&) {
    // What a library threw at us may quote a value, so its words stay unsaid.
    std::fputs("veilroute: stopped by a fault of our own\n", stderr);
    return veilroute::app::cli::kInternal;
  }
}
