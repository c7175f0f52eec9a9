#include "profiles/verify_permitted.h"

#include "core/dicom/uid.h"
#include "profiles/identity_terms.h"

namespace veilroute::profiles {

Permitted permitted_for(const Profile& profile, const IdentityTerms& terms,
                        const Pseudonyms& pseudonyms) {
  Permitted permitted;
  permitted.pseudonym = pseudonyms.pseudonym.reveal();
  permitted.accession = pseudonyms.accession.reveal();
  permitted.profile = &profile;
  permitted.shifted = ShiftedDays(terms.state().source_days, pseudonyms.date_offset_days.reveal());
  for (const std::string& uid : terms.state().uids) {
    permitted.new_uids.insert(dicom::mapped_uid(pseudonyms.secret, uid).value);
  }
  return permitted;
}

}  // namespace veilroute::profiles
