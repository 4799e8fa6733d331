#include "cli/command.hpp"
#include "cli/tasks/supervisor.hpp"

int main(int argc, char** argv) {
    using namespace echosocket::cli;
    if (argc > 3 && argv[1] == supervise_word) return supervise(argv[2], argv + 3);
    return run_command(argc, argv);
}
