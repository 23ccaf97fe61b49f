//! M/M/1 and PHOLD with nexosim, on one thread, with which it is fastest on both: nanoseconds
//! of processor time for each customer or event.
//!
//! usage: kernel mm1 CUSTOMERS
//!        kernel phold PROCESSES EACH EVENTS

use std::collections::VecDeque;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use nexosim::model::{Context, Model, schedulable};
use nexosim::ports::{EventSource, Output};
use nexosim::simulation::{EventId, Mailbox, Scheduler, SimInit};
use nexosim::time::MonotonicTime;
use rand::rngs::SmallRng;
use rand::{Rng, SeedableRng};
use rand_distr::{Distribution, Exp1};
use serde::{Deserialize, Serialize};

const START: MonotonicTime = MonotonicTime::EPOCH;

fn exponential(random: &mut SmallRng, mean: f64) -> Duration {
    let x: f64 = Exp1.sample(random);
    Duration::from_nanos((x * mean * 1e9) as u64 + 1)
}

fn random() -> SmallRng {
    SmallRng::seed_from_u64(1)
}

fn processor_time() -> f64 {
    let mut t = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: t is a timespec that lives until the call returns.
    unsafe { libc::clock_gettime(libc::CLOCK_PROCESS_CPUTIME_ID, &mut t) };
    t.tv_sec as f64 * 1e9 + t.tv_nsec as f64
}

/// Sends customers to a server.
#[derive(Serialize, Deserialize)]
struct Arrivals {
    out: Output<MonotonicTime>,
    #[serde(skip, default = "random")]
    random: SmallRng,
}

#[Model]
impl Arrivals {
    fn begin(&mut self, _: (), cx: &Context<Self>) {
        let after = exponential(&mut self.random, 1.0 / 0.9);
        cx.schedule_event(after, schedulable!(Self::arrive), ()).unwrap();
    }

    #[nexosim(schedulable)]
    async fn arrive(&mut self, _: (), cx: &Context<Self>) {
        self.out.send(cx.time()).await;
        self.begin((), cx);
    }
}

/// Serves one customer after the other.
#[derive(Serialize, Deserialize)]
struct Server {
    queue: VecDeque<MonotonicTime>,
    in_system: Duration,
    #[serde(skip, default = "random")]
    random: SmallRng,
}

#[Model]
impl Server {
    fn arrive(&mut self, came: MonotonicTime, cx: &Context<Self>) {
        self.queue.push_back(came);
        if self.queue.len() == 1 {
            self.serve(cx);
        }
    }

    fn serve(&mut self, cx: &Context<Self>) {
        let after = exponential(&mut self.random, 1.0);
        cx.schedule_event(after, schedulable!(Self::leave), ()).unwrap();
    }

    #[nexosim(schedulable)]
    fn leave(&mut self, _: (), cx: &Context<Self>) {
        self.in_system += cx.time().duration_since(self.queue.pop_front().unwrap());
        if !self.queue.is_empty() {
            self.serve(cx);
        }
    }
}

fn mm1(customers: u64) -> f64 {
    let mut arrivals = Arrivals { out: Output::default(), random: random() };
    let server = Server { queue: VecDeque::new(), in_system: Duration::ZERO, random: SmallRng::seed_from_u64(2) };
    let (to_arrivals, to_server) = (Mailbox::new(), Mailbox::new());
    arrivals.out.connect(Server::arrive, &to_server);
    let mut bench = SimInit::with_num_threads(1);
    let begin = EventSource::new().connect(Arrivals::begin, &to_arrivals).register(&mut bench);
    let mut sim = bench
        .add_model(arrivals, to_arrivals, "arrivals")
        .add_model(server, to_server, "server")
        .init(START)
        .unwrap();
    sim.process_event(&begin, ()).unwrap();
    let began = processor_time();
    sim.step_until(Duration::from_secs_f64(customers as f64 / 0.9)).unwrap();
    (processor_time() - began) / customers as f64
}

/// What the processes of PHOLD know: how to schedule an event for any of them.
struct World {
    scheduler: Scheduler,
    inputs: Vec<EventId<()>>,
}

/// A logical process of PHOLD.
#[derive(Serialize, Deserialize)]
struct Lp {
    #[serde(skip)]
    world: Arc<OnceLock<World>>,
    #[serde(skip, default = "random")]
    random: SmallRng,
}

#[Model]
impl Lp {
    fn handle(&mut self, _: (), _: &Context<Self>) {
        let world = self.world.get().unwrap();
        send(world, &mut self.random);
    }
}

fn send(world: &World, random: &mut SmallRng) {
    let after = Duration::from_millis(100) + exponential(random, 1.0);
    let to = random.random_range(0..world.inputs.len());
    world.scheduler.schedule_event(after, &world.inputs[to], ()).unwrap();
}

fn phold(lps: u64, each: u64, events: u64) -> f64 {
    let world = Arc::new(OnceLock::new());
    let mut bench = SimInit::with_num_threads(1);
    let mut inputs = Vec::new();
    for i in 0..lps {
        let mailbox = Mailbox::new();
        inputs.push(EventSource::new().connect(Lp::handle, &mailbox).register(&mut bench));
        let lp = Lp { world: world.clone(), random: SmallRng::seed_from_u64(i) };
        bench = bench.add_model(lp, mailbox, &format!("lp-{i}"));
    }
    let mut sim = bench.init(START).unwrap();
    let _ = world.set(World { scheduler: sim.scheduler(), inputs });
    let mut first = random();
    for _ in 0..lps * each {
        send(world.get().unwrap(), &mut first);
    }
    // An event has its successor 1.1 seconds later on average.
    let steady = Duration::from_millis(1100);
    sim.step_until(steady).unwrap();
    let span = steady.mul_f64(events as f64 / (lps * each) as f64);
    let began = processor_time();
    sim.step_until(span).unwrap();
    (processor_time() - began) / events as f64
}

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let number = |i: usize| args[i].parse::<u64>().expect("a number");
    let ns = match args[0].as_str() {
        "mm1" => mm1(number(1)),
        _ => phold(number(1), number(2), number(3)),
    };
    println!("{ns}");
}
