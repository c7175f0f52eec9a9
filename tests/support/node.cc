#include "tests/support/node.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <set>
#include <sstream>

#include "tests/support/wait.h"

namespace veilroute::test {
namespace fs = std::filesystem;
using nlohmann::json;
using namespace std::chrono_literals;

std::string binary() {
  const char* other = std::getenv("VEILROUTE_BINARY");
  return other != nullptr && *other != '\0' ? other : VEILROUTE_BINARY;
}

bool listens(int port) {
  const int probe = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  const bool open =
      ::connect(probe, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  ::close(probe);
  return open;
}

std::string read_file(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

std::vector<fs::path> files_below(const fs::path& folder) {
  std::vector<fs::path> files;
  std::error_code vanished;  // a file may go while we look
  for (auto entry = fs::recursive_directory_iterator(folder, vanished);
       entry != fs::recursive_directory_iterator(); entry.increment(vanished)) {
    if (entry->is_regular_file(vanished)) files.push_back(entry->path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

Node::Node() : site_(folder_.path() / "site"), port_(free_port()), partner_port_(free_port()) {
  const auto made = run({binary(), "init", site_.string(), "--demo", "--listen",
                         "127.0.0.1:" + std::to_string(port_), "--partner",
                         "127.0.0.1:" + std::to_string(partner_port_)});
  EXPECT_EQ(made.exit_code, 0) << made.output;
  fs::create_directories(received());
}

Node::~Node() {
  if (process_ && process_->running()) {
    EXPECT_EQ(stop(), 0) << read_file(log_file());
  }
  stop_partner();
}

bool Node::start() {
  launch();
  return wait_until_ready();
}

void Node::launch() {
  launched_at_ = log_size();
  process_ = std::make_unique<Process>(
      std::vector<std::string>{binary(), "serve", "--site", site_.string()}, log_file());
}

bool Node::wait_until_ready() {
  return wait_for(
             [&] {
               if (!process_->running()) return true;
               return read_file(log_file()).find("\nready\n", launched_at_) != std::string::npos;
             },
             60s) &&
         process_->running();
}

std::uintmax_t Node::log_size() const {
  return fs::exists(log_file()) ? fs::file_size(log_file()) : 0;
}

bool Node::wait_for_event(const std::string& event, std::uintmax_t from,
                          std::chrono::milliseconds longest) {
  const std::string wanted = "event=" + event;
  const auto end = std::chrono::steady_clock::now() + longest;
  std::ifstream log(log_file(), std::ios::binary);
  log.seekg(static_cast<std::streamoff>(from));
  std::string seen;
  while (std::chrono::steady_clock::now() < end) {
    char piece[4096];
    log.read(piece, sizeof piece);
    seen.append(piece, static_cast<std::size_t>(log.gcount()));
    log.clear();  // the end of the file now is not its end for ever
    if (const auto at = seen.find(wanted); at != std::string::npos) {
      const std::size_t after = at + wanted.size();
      if (after < seen.size() && (seen[after] == ' ' || seen[after] == '\n')) return true;
    }
    if (!running()) return false;
    std::this_thread::sleep_for(std::chrono::microseconds(200));
  }
  return false;
}

int Node::stop() { return process_->stop(); }

void Node::kill() { process_->kill(); }

void Node::start_partner(const PartnerIdentity& identity) {
  const fs::path keys = site_ / "keys";
  const fs::path cert = identity.cert.empty() ? keys / "demo/partner.crt" : identity.cert;
  const fs::path key = identity.key.empty() ? keys / "demo/partner.key" : identity.key;
  partner_ = std::make_unique<Process>(
      std::vector<std::string>{"storescp", "--fork", "-aet", "DEMO_PARTNER", "+tls", key.string(),
                               cert.string(), "+cf", (keys / "development-ca.crt").string(),
                               "--require-peer-cert", "+xa", "+B", "+uf", "-od",
                               received().string(), std::to_string(partner_port_)},
      folder_.path() / "partner.log");
  EXPECT_TRUE(wait_for([&] { return listens(partner_port_) || !partner_->running(); }, 20s));
  EXPECT_TRUE(partner_->running()) << partner_->output();
}

void Node::edit(const std::string& file, const std::string& from, const std::string& to) const {
  std::string text = read_file(site_ / file);
  const std::size_t at = text.find(from);
  ASSERT_NE(at, std::string::npos) << file << " has no " << from;
  text.replace(at, from.size(), to);
  std::ofstream(site_ / file, std::ios::binary) << text;
}

void Node::append(const std::string& file, const std::string& text) const {
  std::ofstream(site_ / file, std::ios::binary | std::ios::app) << text;
}

void Node::stop_partner() { partner_.reset(); }

Finished Node::verb(std::vector<std::string> arguments) const {
  arguments.insert(arguments.begin(), binary());
  arguments.insert(arguments.end(), {"--site", site_.string()});
  return run(arguments, 120s);
}

json Node::ask(std::vector<std::string> arguments) const {
  arguments.emplace_back("--json");
  const auto answer = verb(std::move(arguments));
  const auto parsed = json::parse(answer.output, nullptr, false);
  return parsed.is_discarded() ? json() : parsed;
}

std::vector<json> Node::ledger() const {
  std::vector<json> entries;
  const auto answer = verb({"ledger", "export", "--identified"});
  EXPECT_EQ(answer.exit_code, 0) << answer.output;
  std::istringstream lines(answer.output);
  for (std::string line; std::getline(lines, line);) {
    auto entry = json::parse(line, nullptr, false);
    if (entry.is_object()) entries.push_back(std::move(entry));
  }
  return entries;
}

Finished Node::send(const std::vector<std::string>& files) const {
  std::vector<std::string> command{"dcmsend", "-dn", "-v", "-aet", "DEMO_XRAY", "-aec", "VEILROUTE",
                                   "127.0.0.1", std::to_string(port_)};
  command.insert(command.end(), files.begin(), files.end());
  return run(command, 300s);
}

std::vector<std::string> Node::storescu_command(const std::vector<std::string>& files) const {
  std::vector<std::string> command{"storescu", "-v", "-R", "-aet", "DEMO_XRAY", "-aec", "VEILROUTE",
                                   "127.0.0.1", std::to_string(port_)};
  command.insert(command.end(), files.begin(), files.end());
  return command;
}

bool Node::settled() const {
  const json studies = ask({"study", "list"});
  if (!studies.is_object()) return false;
  for (const auto& study : studies.at("studies")) {
    if (study.at("state") == "open" || study.at("state") == "complete") return false;
  }
  const json queue = ask({"queue", "list"});
  if (!queue.is_object()) return false;
  const std::set<std::string> busy{"planned", "cleared", "deferred", "sending"};
  return std::none_of(queue.at("transfers").begin(), queue.at("transfers").end(),
                      [&](const json& transfer) { return busy.contains(transfer.at("state")); });
}

bool Node::wait_until_settled(std::chrono::seconds longest) {
  return wait_for([&] { return settled(); }, longest);
}

std::vector<fs::path> Node::received_files() const { return files_below(received()); }

}  // namespace veilroute::test
