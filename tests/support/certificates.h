// Authorities and certificates made while a test runs, by the openssl program: an implementation
// of its own beside the one under test. No key is ever kept.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace veilroute::test {

/// A certificate with its key, and the digest that pins it.
struct Identity {
  std::filesystem::path cert;
  std::filesystem::path key;
  std::string sha256;  ///< lower-case hexadecimal
};

struct IssueOptions {
  std::vector<std::string> names{"DNS:localhost", "IP:127.0.0.1", "IP:::1"};
  int days = 30;  ///< negative: expired
  int key_bits = 2048;
};

/// A certificate authority of a test's own. One thread.
class Authority {
 public:
  Authority(std::filesystem::path folder, const std::string& name);
  [[nodiscard]] const std::filesystem::path& ca() const { return ca_; }
  [[nodiscard]] Identity issue(const std::string& name, const IssueOptions& options = {}) const;

 private:
  std::filesystem::path folder_;
  std::filesystem::path ca_;
  std::filesystem::path key_;
};

}  // namespace veilroute::test
