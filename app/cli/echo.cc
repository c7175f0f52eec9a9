// veilroute echo: is a destination there, and does it take us?
#include <algorithm>
#include <memory>

#include "app/advice.h"
#include "app/cli/print.h"
#include "app/cli/reach.h"
#include "app/cli/verbs.h"

namespace veilroute::app::cli {
namespace {

/// So few days are left when someone has to act.
constexpr std::int64_t kFewDays = 60;

constexpr const char* kEchoLesson =
    R"(Connects to a destination exactly as sending does (address, TLS, certificates, AE titles, tokens),
asks for a C-ECHO, and asks which kinds of objects it takes, in which transfer syntaxes; over HTTPS it
asks for an object that nobody has (QIDO-RS). Says whose certificate it showed and how many days are
left of it. Sends no patient's data. Nothing is written to the ledger.

Examples:
  veilroute echo bone-specialist
  veilroute --json echo bone-specialist

Exit codes: 0 it answered   2 no such destination   3 it refuses us   4 it cannot be reached)";

void print_certificates(const json& answer) {
  if (answer.value("tls", std::string()).empty()) {
    print_line("  encryption   none: fit for this machine alone");
    return;
  }
  print_line("  encryption   " + cell(answer, "tls"));
  const char* label = "  certificate  ";
  for (const json& each : answer.value("certificates", json::array())) {
    const auto left = each.value("days_left", std::int64_t{0});
    print_line(label + cell(each, "subject") + ", signed by " + cell(each, "issuer") + ", " +
               std::to_string(left) + " days left" + (left < kFewDays ? ": RENEW SOON" : ""));
    label = "               ";
  }
  print_line("  SHA-256      " + cell(answer, "certificate_sha256"));
}

std::string syntaxes_of(const json& taken) {
  std::string names;
  for (const json& each : taken.value("transfer_syntaxes", json::array())) {
    names += (names.empty() ? "" : ", ") + cell(each, "name");
  }
  return names;
}

/// Kinds that are taken alike stand together.
void print_taken(const json& answer) {
  std::vector<std::pair<std::string, std::vector<std::string>>> groups;
  for (const json& taken : answer.value("takes", json::array())) {
    const std::string syntaxes = syntaxes_of(taken);
    auto group = std::find_if(groups.begin(), groups.end(),
                              [&](const auto& each) { return each.first == syntaxes; });
    if (group == groups.end()) group = groups.insert(groups.end(), {syntaxes, {}});
    group->second.push_back(cell(taken, "name"));
  }
  for (const auto& [syntaxes, names] : groups) {
    print_line(syntaxes.empty() ? "  takes not" : "  takes in " + syntaxes);
    for (const std::string& name : names) print_line("    " + name);
  }
  if (answer.contains("takes_unknown_after")) {
    print_line("  It ended before it had said what else it takes [" +
               cell(answer, "takes_unknown_after") + "]");
  }
}

void print_answer(const std::string& destination, const json& answer) {
  print_line(destination + " answers");
  print_line("  reached      " + cell(answer, "address") + " by " + cell(answer, "protocol") +
             " in " + cell(answer, "reached_ms") + " ms; answered in " +
             cell(answer, "answered_ms") + " ms");
  if (!answer.value("peer", std::string()).empty()) print_line("  calls itself " + cell(answer, "peer"));
  print_certificates(answer);
  if (answer.contains("note")) print_line("  " + cell(answer, "note"));
  print_taken(answer);
}

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
    print_answer(destination, answer.value());
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
