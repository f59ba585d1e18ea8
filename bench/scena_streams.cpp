// Streams concurrent replies of an OpenAI-compatible mock at 127.0.0.1..N and prints one JSON line.
//
//   scena_streams --mode transport|session|sqlite --workload w1|w2|w3 --port P --addrs N --streams
//   S
//                 --tokens T --reps R --warm W --threads 1 --rate TOKENS/S --secs S --ttft MS
//                 --peer NAME
//
// The harness that runs many clients side by side names a peer and no mode: without --mode the
// peer's name decides by its ending, "scena-transport", "scena-session", "scena-sqlite".
//
// transport: the provider client alone; session: whole sessions in memory; sqlite: whole sessions
// in a file, in the default durability. Without --rate the replies come as fast as they can.
#include <cstdio>

#include "stream_bench.hpp"

int main(int argc, char** argv) {
  scena::bench::StreamArgs args;
  if (!scena::bench::read_args(argc, argv, args)) return 2;
  if (args.mode == "transport") return scena::bench::run_transport(args);
  if (args.mode == "session" || args.mode == "sqlite") return scena::bench::run_session(args);
  std::fprintf(stderr, "--mode: transport, session or sqlite\n");
  return 2;
}
