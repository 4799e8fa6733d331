// Plays worlds, one for each seed: simulate [--log] [COUNT [FIRST]].
#include "simulation/scenario/world.hpp"

#include <unistd.h>

#include <atomic>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <memory>
#include <string>
#include <vector>

using namespace echosocket::simulated;

namespace {

// So many of the first seeds are played twice, to see that both times the same happens.
constexpr std::uint64_t played_twice = 10;

struct summary {
    std::uint64_t trace = 0;
    std::uint64_t steps = 0;
    double hours = 0;
    ledger::totals counted;
};

void add(ledger::totals& to, const ledger::totals& one) {
    to.begun += one.begun;
    to.succeeded += one.succeeded;
    to.effects += one.effects;
    to.items += one.items;
    to.notifications += one.notifications;
    for (const auto& [why, count] : one.failed) to.failed[why] += count;
}

[[noreturn]] void fail(std::uint64_t seed, const std::string& why) {
    std::printf("seed %llu: %s\nTo see it again: ./dev simulate --log 1 %llu\n", static_cast<unsigned long long>(seed),
                why.c_str(), static_cast<unsigned long long>(seed));
    std::fflush(stdout);
    std::_Exit(EXIT_FAILURE);  // the world stands still in the midst of everything: nothing of it can be taken down
}

std::atomic<std::uint64_t> seed_at_hand = 0;

/// Tells the seed of a world that ends the whole program: an assertion, a sanitizer's find, a crash.
void tell_seed(int signal) {
    char text[] = "seed 00000000000000000000 ended the program\n";
    auto seed = seed_at_hand.load();
    for (char* digit = text + 24; digit != text + 4; seed /= 10) *digit-- = static_cast<char>('0' + seed % 10);
    (void)!::write(STDOUT_FILENO, text, sizeof text - 1);
    std::signal(signal, SIG_DFL);
    std::raise(signal);
}

/// In so many worlds each of these happens; if not, the rules were checked against nothing.
void demand_life(const summary& all, std::uint64_t worlds) {
    if (worlds < 100) return;
    const auto& seen = all.counted;
    if (seen.succeeded == 0 || seen.effects == 0 || seen.items == 0 || seen.notifications == 0)
        fail(0, "in none of the worlds anything came of calls, keyed calls, streams or notifications");
}

std::uint64_t play(const world_options& options, summary& all) {
    seed_at_hand = options.seed;
    // Kept by itself, for the exit in the midst.
    auto one = std::make_unique<world>(options);
    std::string why;
    try {
        why = one->play();
    } catch (const std::exception& e) {
        why = std::string("threw ") + e.what();
    } catch (...) {
        why = "threw what is no exception";
    }
    if (!why.empty()) {
        (void)one.release();
        fail(options.seed, why);
    }
    const auto trace = one->sim.trace();
    all.trace = random_source(all.trace ^ trace)();
    all.steps += one->sim.steps();
    all.hours += std::chrono::duration<double, std::ratio<3600>>(one->sim.now().time_since_epoch() - 24h).count();
    add(all.counted, one->kept.counted);
    return trace;
}

void print(const summary& all, std::uint64_t first, std::uint64_t count) {
    std::printf("seeds %llu to %llu: nothing is wrong; trace %016llx\n", static_cast<unsigned long long>(first),
                static_cast<unsigned long long>(first + count - 1), static_cast<unsigned long long>(all.trace));
    std::printf(
        "%.1f h of virtual time in %llu steps: %llu calls, of which %llu succeeded; %llu effects, %llu items, "
        "%llu notifications\n",
        all.hours, static_cast<unsigned long long>(all.steps), static_cast<unsigned long long>(all.counted.begun),
        static_cast<unsigned long long>(all.counted.succeeded), static_cast<unsigned long long>(all.counted.effects),
        static_cast<unsigned long long>(all.counted.items), static_cast<unsigned long long>(all.counted.notifications));
    for (const auto& [why, failed] : all.counted.failed)
        std::printf("  %-20s %llu\n", why.c_str(), static_cast<unsigned long long>(failed));
}

}  // namespace

int main(int argc, char** argv) {
    world_options options;
    std::vector<std::uint64_t> numbers;
    for (int i = 1; i != argc; ++i) {
        if (std::strcmp(argv[i], "--log") == 0) {
            options.log = true;
            continue;
        }
        char* end = nullptr;
        numbers.push_back(std::strtoull(argv[i], &end, 10));
        if (*argv[i] < '0' || *argv[i] > '9' || *end != '\0' || numbers.size() > 2) {
            std::fprintf(stderr, "usage: simulate [--log] [COUNT [FIRST]]\n");
            return 2;
        }
    }
    const auto count = numbers.empty() ? 1000 : numbers[0];
    const auto first = numbers.size() < 2 ? 1 : numbers[1];
    for (const int deadly : {SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGILL}) std::signal(deadly, tell_seed);
    summary all;
    for (std::uint64_t i = 0; i != count; ++i) {
        options.seed = first + i;
        const auto trace = play(options, all);
        if (i >= played_twice || options.log) continue;
        summary ignored;
        if (play(options, ignored) != trace) fail(options.seed, "the second time something else happened");
    }
    demand_life(all, count);
    print(all, first, count);
}
