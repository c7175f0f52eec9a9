#include "tests/support/certificates.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>

#include "tests/support/process.h"

namespace veilroute::test {
namespace {

std::string openssl(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), "openssl");
  const Finished finished = run(arguments);
  EXPECT_EQ(finished.exit_code, 0) << finished.output;
  return finished.output;
}

/// "sha256 Fingerprint=AB:CD..." as plain hexadecimal.
std::string fingerprint(const std::filesystem::path& cert) {
  const std::string line =
      openssl({"x509", "-in", cert.string(), "-noout", "-fingerprint", "-sha256"});
  std::string digits;
  for (const char c : line.substr(line.find('=') + 1)) {
    if (std::isxdigit(static_cast<unsigned char>(c)) == 0) continue;
    digits.push_back(static_cast<char>(std::tolower(static_cast<unsigned char>(c))));
  }
  return digits;
}

}  // namespace

Authority::Authority(std::filesystem::path folder, const std::string& name)
    : folder_(std::move(folder)),
      ca_(folder_ / (name + "-ca.crt")),
      key_(folder_ / (name + "-ca.key")) {
  openssl({"req", "-x509", "-newkey", "rsa:2048", "-nodes", "-sha256", "-days", "30", "-subj",
           "/CN=" + name + " test authority", "-keyout", key_.string(), "-out", ca_.string()});
}

Identity Authority::issue(const std::string& name, const IssueOptions& options) const {
  const auto file = [&](const char* suffix) { return folder_ / (name + suffix); };
  openssl({"req", "-newkey", "rsa:" + std::to_string(options.key_bits), "-nodes", "-sha256",
           "-subj", "/CN=" + name, "-keyout", file(".key").string(), "-out", file(".csr").string()});
  std::string names;
  for (const std::string& one : options.names) names += (names.empty() ? "" : ",") + one;
  std::ofstream(file(".ext")) << "subjectAltName=" << names << "\n"
                              << "extendedKeyUsage=serverAuth,clientAuth\n";
  openssl({"x509", "-req", "-sha256", "-in", file(".csr").string(), "-CA", ca_.string(), "-CAkey",
           key_.string(), "-CAcreateserial", "-days", std::to_string(options.days), "-extfile",
           file(".ext").string(), "-out", file(".crt").string()});
  return {file(".crt"), file(".key"), fingerprint(file(".crt"))};
}

}  // namespace veilroute::test
