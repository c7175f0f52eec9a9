// veilroute echo: is a destination there, and does it take us?
#include <memory>

#include "app/advice.h"
#include "app/cli/print.h"
#include "app/cli/reach.h"
#include "app/cli/verbs.h"

namespace veilroute::app::cli {
namespace {

constexpr const char* kEchoLesson =
    R"(Connects to a destination exactly as sending does (address, TLS, certificates, AE titles) and asks
for a C-ECHO. Sends no patient's data. Nothing is written to the ledger.

Examples:
  veilroute echo bone-specialist

Exit codes: 0 it answered   2 no such destination   3 it refuses us   4 it cannot be reached)";

int run_echo(const Common& common, const std::string& destination) {
  auto answer = ask_settings(common.site, "echo", {{"destination", destination}});
  if (!answer.ok()) {
    if (find_advice(answer.error().slug) == nullptr) return report(answer.error());
    Occasion occasion;
    occasion.subject = "destination " + destination;
    const std::string text = "veilroute: " + sentences(answer.error(), occasion);
    std::fprintf(stderr, "%s\n", text.c_str());
    return exit_code(answer.error().kind);
  }
  if (common.json) {
    print_json(answer.value());
  } else {
    print_line(destination + " answers: " + cell(answer.value(), "connection") + ", " +
               cell(answer.value(), "elapsed_ms") + " ms");
  }
  return kDone;
}

}  // namespace

void add_echo(Verb& app, Common& common, Chosen& chosen) {
  Verb* verb = add_verb(app, common, "echo", "is a destination there?", kEchoLesson, true);
  const auto destination = std::make_shared<std::string>();
  verb->add_option("destination", *destination, "its name in the configuration")->required();
  verb->callback([destination, &common, &chosen] {
    chosen.run = [destination, &common] { return run_echo(common, *destination); };
  });
}

}  // namespace veilroute::app::cli
