create table question_answers (
    question_answer_id text      not null,
    scene_id           text      not null,
    category           text      not null,
    "index"            integer   not null check ("index" >= 0),
    task               text      not null check (task in ('localisation', 'attribute', 'relation')),
    template           text      not null,
    question           text      not null check (question <> ''),
    answer             text      not null check (answer <> ''),
    nodes              text[]    not null,
    grounding          text      not null,
    run_id             text      not null,
    created_at         timestamp not null
);

comment on table question_answers is 'questions about kept scenes with their answers, and where the picture shows them; of facts that the final annotations hold';
comment on column question_answers.question_answer_id is 'hash of the recipe';
comment on column question_answers.scene_id is 'of scenes';
comment on column question_answers.category is 'partition key of the category that the scene was made for';
comment on column question_answers."index" is 'within the scene';
comment on column question_answers.task is 'localisation, attribute or relation';
comment on column question_answers.template is 'name of the form that the question has';
comment on column question_answers.question is 'as it is asked';
comment on column question_answers.answer is 'the answer in words; boxes in it are [x1, y1, x2, y2] as shares of the picture';
comment on column question_answers.nodes is 'node ids of the scene''s graph that it is about';
comment on column question_answers.grounding is 'JSON: one [x1, y1, x2, y2] per node, as shares of the picture, 3 decimals';
comment on column question_answers.run_id is 'the Dagster run that appended the row';
comment on column question_answers.created_at is 'when it was made, UTC; never used for order';
