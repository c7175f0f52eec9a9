// A whole node as a user runs it: a site made by `veilroute init --demo`, `veilroute serve`, and a
// DCMTK receiver with TLS and client certificate check as the demo partner.
#pragma once

#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/support/process.h"
#include "tests/support/temporary_folder.h"

namespace veilroute::test {

/// The program under test: $VEILROUTE_BINARY, else the one built beside the tests.
std::string binary();

/// What a partner shows; empty: the certificate that `init --demo` made for it.
struct PartnerIdentity {
  std::filesystem::path cert;
  std::filesystem::path key;
};

/// Made, not started. One thread.
class Node {
 public:
  Node();
  ~Node();

  [[nodiscard]] const std::filesystem::path& site() const { return site_; }
  [[nodiscard]] std::filesystem::path log_file() const { return folder_.path() / "node.log"; }
  [[nodiscard]] std::filesystem::path received() const { return folder_.path() / "received"; }
  [[nodiscard]] int port() const { return port_; }
  [[nodiscard]] int partner_port() const { return partner_port_; }

  /// Starts and waits for "ready"; false when it did not come.
  bool start();
  /// Starts, and returns at once.
  void launch();
  bool wait_until_ready();
  /// How much the log holds now, and whether an event comes behind that place. At once when it does.
  [[nodiscard]] std::uintmax_t log_size() const;
  bool wait_for_event(const std::string& event, std::uintmax_t from,
                      std::chrono::milliseconds longest);
  /// SIGTERM; the exit code.
  int stop();
  /// SIGKILL.
  void kill();
  [[nodiscard]] bool running() { return process_ && process_->running(); }
  Process& process() { return *process_; }

  /// Waits until it listens.
  void start_partner(const PartnerIdentity& identity = {});
  void stop_partner();

  /// Changes the configuration, before start(): `from` must be there once.
  void edit(const std::string& file, const std::string& from, const std::string& to) const;
  void append(const std::string& file, const std::string& text) const;

  /// Runs a verb with --site; for those that list, with --json and parsed (null when that failed).
  Finished verb(std::vector<std::string> arguments) const;
  nlohmann::json ask(std::vector<std::string> arguments) const;
  /// Every ledger entry, sealed parts opened.
  std::vector<nlohmann::json> ledger() const;

  /// Sends files as the demo modality with dcmsend, in the syntax they are in.
  Finished send(const std::vector<std::string>& files) const;
  /// The same with storescu, whose output tells what was acknowledged (acknowledged.h).
  [[nodiscard]] std::vector<std::string> storescu_command(
      const std::vector<std::string>& files) const;

  /// Waits until no study is open or complete and no transfer planned, cleared, deferred or
  /// sending: everything is sent, refused, withdrawn, held, or blocked.
  bool wait_until_settled(std::chrono::seconds longest);
  [[nodiscard]] bool settled() const;

  /// The files that the partner holds.
  [[nodiscard]] std::vector<std::filesystem::path> received_files() const;

 private:
  TemporaryFolder folder_;
  std::filesystem::path site_;
  int port_ = 0;
  int partner_port_ = 0;
  std::uintmax_t launched_at_ = 0;
  std::unique_ptr<Process> process_;
  std::unique_ptr<Process> partner_;
};

/// Something accepts connections on this port of 127.0.0.1.
bool listens(int port);
/// A file's bytes.
std::string read_file(const std::filesystem::path& path);
/// Every regular file below a folder, sorted.
std::vector<std::filesystem::path> files_below(const std::filesystem::path& folder);

}  // namespace veilroute::test
