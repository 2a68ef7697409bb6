create table judge_agreement (
    labeller       text    not null check (labeller in ('person', 'simulated')),
    judge          text    not null,
    judge_version  text    not null,
    in_force       boolean not null,
    criterion      text    not null,
    labels         integer not null,
    tp             integer not null,
    fp             integer not null,
    fn             integer not null,
    tn             integer not null,
    errors         integer not null,
    precision      double,
    precision_low  double,
    precision_high double,
    recall         double,
    recall_low     double,
    recall_high    double,
    f05            double
);

comment on table judge_agreement is 'how far each version of the validation agent agrees with golden labels, overall and by criterion; replaced as a whole by every publication';
comment on column judge_agreement.labeller is 'who labelled: person, or simulated (the offline world)';
comment on column judge_agreement.judge is 'the vision model; the gate where it decided alone';
comment on column judge_agreement.judge_version is 'of the system prompt, or of the gate';
comment on column judge_agreement.in_force is 'whether this version judges what is made now';
comment on column judge_agreement.criterion is 'overall: keeping is the positive answer; else a reason code: finding that fault is the positive answer, over what the vision model looked at';
comment on column judge_agreement.labels is 'candidates compared: tp + fp + fn + tn';
comment on column judge_agreement.tp is 'positive for both';
comment on column judge_agreement.fp is 'positive for the judge alone';
comment on column judge_agreement.fn is 'positive for the label alone';
comment on column judge_agreement.tn is 'negative for both';
comment on column judge_agreement.errors is 'candidates on which nothing was decided; in no share';
comment on column judge_agreement.precision is 'tp / (tp + fp), in [0, 1]; null: nothing to divide by';
comment on column judge_agreement.precision_low is 'lower bound of its 95 % Wilson interval';
comment on column judge_agreement.precision_high is 'upper bound of its 95 % Wilson interval';
comment on column judge_agreement.recall is 'tp / (tp + fn), in [0, 1]; null: nothing to divide by';
comment on column judge_agreement.recall_low is 'lower bound of its 95 % Wilson interval';
comment on column judge_agreement.recall_high is 'upper bound of its 95 % Wilson interval';
comment on column judge_agreement.f05 is 'F0.5, in [0, 1]: weighs precision more than recall';
