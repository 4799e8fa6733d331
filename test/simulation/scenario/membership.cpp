#include "simulation/scenario/membership.hpp"

#include "simulation/scenario/ledger.hpp"

namespace echosocket::simulated {

void membership_book::joined(const connection_name& who, const std::string& topic, std::uint64_t last) {
    auto& memberships = all_[{who, topic}];
    // Who unsubscribes does not say when.
    if (!memberships.empty()) memberships.back().is_over = true;
    memberships.push_back({last + 1});
}

void membership_book::left(const connection_name& who, const std::string& topic, std::uint64_t last) {
    auto& memberships = all_[{who, topic}];
    if (memberships.empty() || memberships.back().is_over) return;
    memberships.back().is_over = true;
    memberships.back().last = last;
}

void membership_book::received(const connection_name& who, const std::string& topic, std::uint64_t number) {
    ++ledger_.counted.notifications;
    auto& memberships = all_[{who, topic}];
    while (!memberships.empty()) {
        auto& current = memberships.front();
        const bool has_all = current.last && current.next > *current.last;
        const bool is_for_next = memberships.size() > 1 && memberships[1].next <= number;
        if (has_all || (is_for_next && !current.last)) {
            memberships.pop_front();
            continue;
        }
        if (number != current.next)
            return ledger_.broken(describe(who, topic) + " got number " + std::to_string(number) + " in place of " +
                                  std::to_string(current.next));
        ++current.next;
        return;
    }
    ledger_.broken(describe(who, topic) + " got number " + std::to_string(number) + ", and is no member");
}

void membership_book::check_complete(const connection_name& who, const std::string& topic, std::uint64_t last,
                                     bool is_member) const {
    const auto found = all_.find({who, topic});
    if (found == all_.end()) return;
    for (const auto& each : found->second) {
        if (each.is_over && !each.last) continue;
        if (!each.is_over && !is_member) {
            if (!topic.starts_with("topic")) ledger_.broken(describe(who, topic) + " is no member, and never left");
            continue;
        }
        const auto due = each.is_over ? *each.last : last;
        if (each.next <= due)
            ledger_.broken(describe(who, topic) + " was never told number " + std::to_string(each.next) + " of " +
                           std::to_string(due));
    }
}

std::string membership_book::describe(const connection_name& who, const std::string& topic) {
    return "connection " + std::to_string(who.peer) + " of server " + std::to_string(who.server) + ", topic " + topic +
           ",";
}

}  // namespace echosocket::simulated
