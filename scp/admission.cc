#include "scp/admission.h"

#include <algorithm>
#include <string_view>

#include "config/words.h"
#include "core/dicom/tls.h"
#include "core/dicom/transfer_syntax.h"
#include "core/dicom/uid.h"
#include "scp/commitment_request.h"

namespace veilroute::scp {
namespace {

constexpr std::string_view kStandardRoot = "1.2.840.10008.";

bool is_from(const config::Source& source, const config::Listener& listener, const Caller& caller,
             const AeTitle& calling) {
  if (calling.value.empty() || source.ae_title != calling) return false;
  if (!source.listener.empty() && source.listener != listener.name.value) return false;
  const std::string pin = dicom::normal_pin(source.cert_sha256);
  if (!source.cert_sha256.empty() && pin != caller.cert_sha256) return false;
  if (source.addresses.empty()) return true;
  return std::any_of(source.addresses.begin(), source.addresses.end(),
                     [&](const std::string& network) {
                       return address_in(caller.address, network);
                     });
}

/// A syntax in which we write reports.
bool is_plain(const Uid& syntax) {
  return syntax.value == dicom::kImplicitLittleEndian ||
         syntax.value == dicom::kExplicitLittleEndian ||
         syntax.value == dicom::kExplicitBigEndian;
}

bool is_called(const config::Config& config, const config::Source& source, const AeTitle& called) {
  const std::string& expected =
      source.called_ae.empty() ? config.site.ae_title.value : source.called_ae;
  return called.value == expected;
}

}  // namespace

std::variant<Admitted, Refused> admit(const config::Config& config,
                                      const config::Listener& listener, const Caller& caller,
                                      const dicom::AssociateRequest& request) {
  if ((request.protocol_version & 1U) == 0) {
    return Refused{dicom::kProtocolVersionNotSupported, "association.protocol-version"};
  }
  if (request.application_context.value != dicom::kApplicationContext) {
    return Refused{dicom::kApplicationContextNotSupported, "association.application-context"};
  }
  bool known = false;
  for (const config::Source& source : config.sources) {
    if (!is_from(source, listener, caller, request.calling)) continue;
    known = true;
    if (!is_called(config, source, request.called)) continue;
    const bool commits = config.commitment.mode != config::CommitmentSettings::Mode::off;
    return Admitted{&source, answer_contexts(request, {true, listener.private_classes, commits})};
  }
  if (!listener.health_ae.value.empty() && request.called == listener.health_ae) {
    return Admitted{nullptr, answer_contexts(request, {})};
  }
  if (known) return Refused{dicom::kCalledNotRecognized, "association.wrong-called-ae"};
  return Refused{dicom::kCallingNotRecognized, "association.unknown-source"};
}

std::vector<dicom::AnsweredContext> answer_contexts(const dicom::AssociateRequest& request,
                                                    const Offer& offer) {
  std::vector<dicom::AnsweredContext> out;
  for (const dicom::ProposedContext& context : request.contexts) {
    dicom::AnsweredContext answer;
    answer.id = context.id;
    answer.transfer_syntax = choose_syntax(context.transfer_syntaxes);
    const bool verification = context.abstract_syntax.value == dicom::kVerificationClass;
    const bool storage =
        offer.storage && admits_class(context.abstract_syntax, offer.private_classes);
    const bool commitment =
        offer.commitment && context.abstract_syntax.value == kCommitmentClass;
    if (commitment && !is_plain(answer.transfer_syntax)) answer.transfer_syntax = {};
    if (!verification && !storage && !commitment) {
      answer.result = dicom::ContextResult::abstract_syntax_not_supported;
    } else if (answer.transfer_syntax.value.empty()) {
      answer.result = dicom::ContextResult::transfer_syntaxes_not_supported;
    } else {
      answer.result = dicom::ContextResult::accepted;
    }
    out.push_back(std::move(answer));
  }
  return out;
}

bool admits_class(const Uid& sop_class, bool private_classes) {
  if (sop_class.value.empty()) return false;
  if (dicom::is_storage_class(sop_class.value)) return true;
  if (dicom::looks_like_storage_class(sop_class.value)) return true;
  return private_classes && !sop_class.value.starts_with(kStandardRoot);
}

Uid choose_syntax(const std::vector<Uid>& offered) {
  if (offered.empty()) return {};
  const auto offers = [&](std::string_view uid) {
    return std::any_of(offered.begin(), offered.end(),
                       [&](const Uid& one) { return one.value == uid; });
  };
  const auto known = [](const Uid& uid) { return dicom::find_transfer_syntax(uid).ok(); };
  const auto first_known = std::find_if(offered.begin(), offered.end(), known);
  if (first_known == offered.end()) return offered.front();
  if (!is_plain(*first_known)) return *first_known;
  for (const std::string_view better : {dicom::kExplicitLittleEndian, dicom::kImplicitLittleEndian}) {
    if (offers(better)) return Uid{std::string(better)};
  }
  return *first_known;
}

bool address_in(const std::string& address, const std::string& network) {
  const auto given = config::parse_network(address);
  const auto allowed = config::parse_network(network);
  return given && allowed && config::contains(*allowed, *given);
}

}  // namespace veilroute::scp
